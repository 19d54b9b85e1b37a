import { DataSource } from 'typeorm';
import { StoreOpenError, StoreUnavailableError, WorkflowError } from '../../core/index.js';
import { WORKFLOW_ENTITIES } from '../entities/entities.js';
import { loadDriver } from '../load-driver.js';
import type { PostgresStoreOptions, SharedStoreOptions } from '../typeorm.options.js';
import { isUnreachable } from './connection-errors.js';
import type { PgPool, PgQueryable, PgTypes } from './postgres-pool.js';

const DEFAULT_POOL_SIZE = 10;
const CONNECT_TIMEOUT_MS = 10_000;

/** An open DataSource, and how to let go of it. */
export interface PostgresConnection {
  readonly dataSource: DataSource;
  readonly pool: PgPool;
  readonly types: PgTypes;
  readonly schema: string | undefined;
  /** The database in messages, without a password. */
  readonly place: string;
  close(): Promise<void>;
}

export async function openConnection(options: PostgresStoreOptions | SharedStoreOptions): Promise<PostgresConnection> {
  const dataSource = 'dataSource' in options ? options.dataSource : await createDataSource(options);
  const place = placeOf(dataSource);
  const isOurs = !dataSource.isInitialized;
  try {
    if (isOurs) await dataSource.initialize();
  } catch (error) {
    throw openingError(place, error);
  }
  const { master, postgres } = dataSource.driver as unknown as PostgresInternals;
  const schema = 'schema' in dataSource.options ? dataSource.options.schema : undefined;
  const close = async (): Promise<void> => {
    if (isOurs && dataSource.isInitialized) await dataSource.destroy();
  };
  return { dataSource, pool: master, types: postgres.types, schema, place, close };
}

/** What TypeORM's PostgreSQL driver has beside its public interface. */
interface PostgresInternals {
  readonly master: PgPool;
  readonly postgres: { readonly types: PgTypes };
}

async function createDataSource({
  url,
  poolSize,
  schema,
  preparedStatements,
}: PostgresStoreOptions): Promise<DataSource> {
  const driver = await loadDriver('pg', 'A PostgreSQL workflow store', () => import('pg'));
  return new DataSource({
    type: 'postgres',
    driver: driver.default,
    url,
    schema,
    poolSize: poolSize ?? DEFAULT_POOL_SIZE,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    applicationName: 'nestjs-pyworkflow',
    installExtensions: false,
    entities: WORKFLOW_ENTITIES,
    logging: false,
    // Behind a pooler that swaps connections, a setting would reach somebody else.
    extra: { keepAlive: true, ...(preparedStatements !== false && { onConnect: preferIndexes }) },
  });
}

/**
 * A prepared statement keeps its plan. If that was made while a table was all but empty, it would read the whole table
 * for each run, until the next ANALYZE, after the table has grown by thousands of rows.
 */
async function preferIndexes(client: PgQueryable): Promise<void> {
  await client.query({ text: 'SET enable_seqscan = off' });
}

const ADVICE = 'Check the address, the name of the database, the user and the password.';

/** What went wrong when a store was opened, as the error of the store. */
export function openingError(place: string, error: unknown, advice = ADVICE): unknown {
  if (error instanceof WorkflowError) return error;
  if (isUnreachable(error)) return new StoreUnavailableError(place, error);
  return new StoreOpenError(place, error, advice);
}

/** TypeORM reads the parts of a URL in several places; for a message its host and name are enough. */
function placeOf({ options }: DataSource): string {
  if (options.type !== 'postgres') return options.type;
  try {
    const { host, pathname } = new URL(options.url ?? '');
    return `postgres://${host}${pathname}`;
  } catch {
    return `postgres://${options.host ?? 'localhost'}/${options.database ?? ''}`;
  }
}
