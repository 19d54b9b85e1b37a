import type { DataSource } from 'typeorm';
import { InvalidInputError } from '../core/index.js';

/** Where the store keeps its tables: in a database of its own, or in one that it shares with the application. */
export type TypeOrmStoreOptions = SqliteStoreOptions | SharedStoreOptions;

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

/** A DataSource of the application, of type `better-sqlite3`. */
export interface SharedStoreOptions {
  /** Opened by the store if it is not open yet; closed by whoever opened it. */
  readonly dataSource: DataSource;
}

/** @throws InvalidInputError if the options cannot be used. */
export function checkOptions(options: TypeOrmStoreOptions): void {
  if ('dataSource' in options) checkShared(options);
  else checkSqlite(options);
}

function checkShared({ dataSource }: SharedStoreOptions): void {
  const { type } = dataSource.options;
  if (type === 'better-sqlite3') return;
  throw new InvalidInputError(
    `A workflow store cannot use a DataSource of type "${type}". Pass one of type "better-sqlite3".`,
  );
}

function checkSqlite({ type, path, synchronous = 'FULL' }: SqliteStoreOptions): void {
  if (type !== 'sqlite') {
    throw new InvalidInputError(`There is no workflow store of type "${String(type)}". Use "sqlite".`);
  }
  if (typeof path !== 'string' || path.trim() === '' || path.includes('\0')) {
    throw new InvalidInputError('The path of the workflow database is empty or unusable. Pass the path of a file.');
  }
  if (synchronous !== 'FULL' && synchronous !== 'NORMAL') {
    throw new InvalidInputError(`"synchronous" is "${String(synchronous)}". Use "FULL" or "NORMAL".`);
  }
}
