import { access, mkdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DataSource } from 'typeorm';
import { StoreOpenError, WorkflowError } from '../../core/index.js';
import { WORKFLOW_ENTITIES } from '../entities/entities.js';
import { loadDriver } from '../load-driver.js';
import { safeLibsql } from '../safe-libsql.js';
import type { SharedStoreOptions, SqliteStoreOptions } from '../typeorm.options.js';
import { FileLock } from './file-lock.js';
import type { SqliteDatabase, SqliteDriver } from './sqlite-database.js';

const IN_MEMORY = ':memory:';

const ADVICE = 'Check that the path is right and that this process may write the file and its directory.';

const PRAGMAS = [
  'journal_mode = WAL',
  // The store's statements keep its tables consistent.
  'foreign_keys = OFF',
  // Waiting for a lock holds up the event loop, so it is short; the writer tries again later.
  'busy_timeout = 100',
  // In KiB. The default of 2 MiB makes busy tables read their pages again and again.
  'cache_size = -65536',
  // In pages: busy ones are copied to the database file less often.
  'wal_autocheckpoint = 4000',
  'temp_store = MEMORY',
  'journal_size_limit = 67108864',
];

/** An open database, the DataSource it belongs to, and how to let go of both. */
export interface SqliteConnection {
  readonly dataSource: DataSource;
  readonly database: SqliteDatabase;
  close(): Promise<void>;
}

export async function openConnection(options: SqliteStoreOptions | SharedStoreOptions): Promise<SqliteConnection> {
  const path = databasePath(options);
  try {
    return await ('dataSource' in options ? openShared(options) : openOwn(options));
  } catch (error) {
    throw error instanceof WorkflowError ? error : new StoreOpenError(path, error, ADVICE);
  }
}

async function openOwn({ path, synchronous = 'FULL' }: SqliteStoreOptions): Promise<SqliteConnection> {
  const libsql = await loadDriver('libsql', 'An SQLite workflow store', () => import('libsql'));
  // Typed as better-sqlite3, whose interface it has.
  const Driver = safeLibsql(libsql.default as unknown as SqliteDriver);
  const database = await canonicalPath(path);
  const lock = lockFile(database, Driver);
  const dataSource = new DataSource({
    type: 'better-sqlite3',
    driver: Driver,
    database,
    entities: WORKFLOW_ENTITIES,
    logging: false,
  });
  const letGo = async (): Promise<void> => {
    if (dataSource.isInitialized) await dataSource.destroy();
    lock?.release();
  };
  try {
    await dataSource.initialize();
    const connection = connectionOf(dataSource).databaseConnection;
    for (const pragma of [...PRAGMAS, `synchronous = ${synchronous}`]) connection.exec(`PRAGMA ${pragma}`);
    const close = (): Promise<void> => {
      checkpoint(connection);
      return letGo();
    };
    return { dataSource, database: connection, close };
  } catch (error) {
    await letGo();
    throw error;
  }
}

/** Leaves one file that is whole. If that fails, on a full disk, the next store reads the log beside it. */
function checkpoint(database: SqliteDatabase): void {
  try {
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // Nothing is lost.
  }
}

async function openShared({ dataSource }: SharedStoreOptions): Promise<SqliteConnection> {
  const isOurs = !dataSource.isInitialized;
  const { sqlite: Driver } = connectionOf(dataSource);
  const lock = lockFile(await canonicalPath(String(dataSource.options.database)), Driver);
  try {
    if (isOurs) await dataSource.initialize();
  } catch (error) {
    lock?.release();
    throw error;
  }
  return {
    dataSource,
    database: connectionOf(dataSource).databaseConnection,
    close: async () => {
      if (isOurs) await dataSource.destroy();
      lock?.release();
    },
  };
}

function lockFile(path: string, Driver: SqliteDriver): FileLock | undefined {
  return path === IN_MEMORY ? undefined : FileLock.acquire(path, Driver);
}

/** One name for one file, so that a link to it has the same lock. Creates the directory. */
async function canonicalPath(path: string): Promise<string> {
  if (path === IN_MEMORY) return path;
  const absolute = resolve(path);
  await makeDirectory(dirname(absolute));
  try {
    return await realpath(absolute);
  } catch {
    return join(await realpath(dirname(absolute)), basename(absolute));
  }
}

/** One at a time: where nothing can be created, as in /proc, the recursive `mkdir` of Node tries without an end. */
async function makeDirectory(path: string): Promise<void> {
  if (await isThere(path)) return;
  await makeDirectory(dirname(path));
  try {
    await mkdir(path);
  } catch (error) {
    if (!(await isThere(path))) throw error; // else another process was faster
  }
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function databasePath(options: SqliteStoreOptions | SharedStoreOptions): string {
  return 'dataSource' in options ? String(options.dataSource.options.database) : options.path;
}

/** What TypeORM's SQLite driver has beside its public interface. */
interface SqliteInternals {
  readonly databaseConnection: SqliteDatabase;
  readonly sqlite: SqliteDriver;
}

function connectionOf({ driver }: DataSource): SqliteInternals {
  return driver as unknown as SqliteInternals;
}
