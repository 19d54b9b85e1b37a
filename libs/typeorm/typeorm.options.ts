import type { DataSource } from 'typeorm';
import { InvalidInputError } from '../core/index.js';

/** Where the store keeps its tables: in a database of its own, or in one that it shares with the application. */
export type TypeOrmStoreOptions = SqliteStoreOptions | PostgresStoreOptions | SharedStoreOptions;

/** An SQLite file that belongs to the store. */
export interface SqliteStoreOptions {
  readonly type: 'sqlite';
  /** The database file; its directory is created. `':memory:'` keeps everything in memory and loses it at the end. */
  readonly path: string;
  /**
   * What a commit waits for. `FULL`: it is on the disk, so that it outlives a power failure. `NORMAL`: it outlives this
   * process however that ends, but a power failure may lose the last commits; faster when few runs are busy.
   *
   * @default 'FULL'
   */
  readonly synchronous?: 'FULL' | 'NORMAL';
}

/** What matters on PostgreSQL, whoever the connections belong to. */
interface PostgresTuning {
  /**
   * For how many milliseconds a call goes on trying while the database cannot be reached, before it fails with
   * `StoreUnavailableError`.
   *
   * @default 5000
   */
  readonly retryForMs?: number;
  /**
   * `false` behind a pooler that gives each transaction another connection and does not follow prepared statements:
   * PgBouncer before 1.21, or with `max_prepared_statements = 0`. It costs time for each statement.
   *
   * @default true
   */
  readonly preparedStatements?: boolean;
  /**
   * Whether the notifier of the store listens, on one more connection, for what other processes tell (LISTEN and
   * NOTIFY). `false` behind a pooler that gives each transaction another connection, where it would hear nothing.
   *
   * @default true, unless `preparedStatements` is false
   */
  readonly listen?: boolean;
}

/** Connections of the store's own to a PostgreSQL database, of version 12 or later. */
export interface PostgresStoreOptions extends PostgresTuning {
  readonly type: 'postgres';
  /** Such as `postgres://user:password@host:5432/database?sslmode=require`. */
  readonly url: string;
  /** The most connections that are open at a time. @default 10 */
  readonly poolSize?: number;
  /** The schema of the tables, created if it does not exist. @default the first of the account's search path */
  readonly schema?: string;
}

/** A DataSource of the application, of type `better-sqlite3` or `postgres`. */
export interface SharedStoreOptions extends PostgresTuning {
  /** Opened by the store if it is not open yet; closed by whoever opened it. */
  readonly dataSource: DataSource;
}

/** True if the options lead to PostgreSQL. */
export function isPostgres(options: TypeOrmStoreOptions): options is PostgresStoreOptions | SharedStoreOptions {
  return 'dataSource' in options ? options.dataSource.options.type === 'postgres' : options.type === 'postgres';
}

/** True if the store can tell other processes of what has happened. */
export function listens(options: TypeOrmStoreOptions): boolean {
  if (!isPostgres(options)) return false;
  return options.listen ?? options.preparedStatements !== false;
}

/** @throws InvalidInputError if the options cannot be used. */
export function checkOptions(options: TypeOrmStoreOptions): void {
  if ('dataSource' in options) checkShared(options);
  else if (options.type === 'postgres') checkPostgres(options);
  else checkSqlite(options);
}

function checkShared({ dataSource, retryForMs }: SharedStoreOptions): void {
  const { type } = dataSource.options;
  if (type === 'postgres') return checkWholeNumber('retryForMs', retryForMs, 0);
  if (type === 'better-sqlite3') return;
  throw new InvalidInputError(
    `A workflow store cannot use a DataSource of type "${type}". Pass one of type "better-sqlite3" or "postgres".`,
  );
}

/** In bytes. Of two schemas whose names are equal that far, one would be taken for the other. */
const LONGEST_NAME = 63;

function checkPostgres({ url, poolSize, schema, retryForMs }: PostgresStoreOptions): void {
  if (typeof url !== 'string' || !/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url)) {
    // Not the URL itself: it has a password in it.
    throw new InvalidInputError(
      'The "url" of the workflow database is no PostgreSQL URL. Pass one such as postgres://user:password@host:5432/database.',
    );
  }
  if (schema !== undefined && (typeof schema !== 'string' || schema === '' || schema.includes('\0'))) {
    throw new InvalidInputError(
      'The "schema" of the workflow database is empty or unusable. Pass a name, or leave it out.',
    );
  }
  if (schema !== undefined && Buffer.byteLength(schema) > LONGEST_NAME) {
    throw new InvalidInputError(
      `The "schema" of the workflow database has ${Buffer.byteLength(schema)} bytes, and PostgreSQL cuts names at ${LONGEST_NAME}. Pass a shorter one.`,
    );
  }
  checkWholeNumber('poolSize', poolSize, 1);
  checkWholeNumber('retryForMs', retryForMs, 0);
}

function checkWholeNumber(name: string, value: number | undefined, least: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= least)) return;
  throw new InvalidInputError(`"${name}" is ${String(value)}. Use a whole number, ${least} or more.`);
}

function checkSqlite({ type, path, synchronous = 'FULL' }: SqliteStoreOptions): void {
  if (type !== 'sqlite') {
    throw new InvalidInputError(`There is no workflow store of type "${String(type)}". Use "sqlite" or "postgres".`);
  }
  if (typeof path !== 'string' || path.trim() === '' || path.includes('\0')) {
    throw new InvalidInputError('The path of the workflow database is empty or unusable. Pass the path of a file.');
  }
  if (synchronous !== 'FULL' && synchronous !== 'NORMAL') {
    throw new InvalidInputError(`"synchronous" is "${String(synchronous)}". Use "FULL" or "NORMAL".`);
  }
}
