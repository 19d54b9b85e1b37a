import type { InjectionToken, Type } from '@nestjs/common';
import type { Duration, WorkflowStore } from '../../libs/core/index.js';

/** An SQLite file: serves one process, and needs no server. */
export interface SqliteStorage {
  readonly type: 'sqlite';
  /** The database file; its directory is created. Environment: PYWORKFLOW_SQLITE_PATH. @default './.pyworkflow/workflows.db' */
  readonly path?: string;
  /**
   * What a commit waits for: `FULL` outlives a power failure; `NORMAL` outlives the process and is faster.
   * Environment: PYWORKFLOW_SQLITE_SYNCHRONOUS.
   * @default 'FULL'
   */
  readonly synchronous?: 'FULL' | 'NORMAL';
}

/** A PostgreSQL database, of version 12 or later: serves any number of processes. */
export interface PostgresStorage {
  readonly type: 'postgres';
  /** Such as `postgres://user:password@host:5432/database`. Environment: PYWORKFLOW_POSTGRES_URL, if it is left out. */
  readonly url?: string;
  /** The schema of the tables, created if it does not exist. Environment: PYWORKFLOW_POSTGRES_SCHEMA. @default the account's */
  readonly schema?: string;
  /** The most connections that are open at a time. Environment: PYWORKFLOW_POSTGRES_POOL_SIZE. @default 10 */
  readonly poolSize?: number;
  /** How long to go on trying while the database cannot be reached. @default '5s' */
  readonly retryFor?: Duration;
  /** False behind a pooler that does not follow prepared statements, such as PgBouncer before 1.21. @default true */
  readonly preparedStatements?: boolean;
  /**
   * Whether processes without a queue between them hear of each other at once, by LISTEN and NOTIFY on one more connection.
   * False behind a pooler that gives each transaction another connection.
   * @default true, unless preparedStatements is false
   */
  readonly listen?: boolean;
}

/** A Redis server, of version 6.2 or later, that keeps an append-only file: serves any number of processes. */
export interface RedisStorage {
  readonly type: 'redis';
  /**
   * Such as `redis://user:password@host:6379/0`. Environment: PYWORKFLOW_REDIS_STORAGE_URL, or else PYWORKFLOW_REDIS_URL,
   * if it is left out.
   */
  readonly url?: string;
  /** What the keys begin with. Environment: PYWORKFLOW_REDIS_STORAGE_PREFIX. @default '{pyworkflow}:' */
  readonly keyPrefix?: string;
  /** How long to go on trying while Redis cannot be reached. @default '5s' */
  readonly retryFor?: Duration;
  /**
   * Whether processes without a queue between them tell each other at once what has happened, by publish and subscribe
   * on one connection more for each of them.
   * @default true
   */
  readonly listen?: boolean;
}

/** A directory with a file for each run, to be read with `less`: serves one process, and needs neither server nor package. */
export interface FileStorage {
  readonly type: 'file';
  /** The directory; it is created. Environment: PYWORKFLOW_FILE_PATH. @default './.pyworkflow/runs' */
  readonly path?: string;
  /**
   * What a commit waits for: `FULL` outlives a power failure; `NORMAL` outlives the process and is faster.
   * Environment: PYWORKFLOW_FILE_SYNCHRONOUS.
   * @default 'FULL'
   */
  readonly synchronous?: 'FULL' | 'NORMAL';
}

/** Tables in the database of the application. */
export interface SharedStorage {
  readonly type: 'typeorm';
  /** The DataSource of the application, of type `postgres` or `better-sqlite3`. */
  readonly dataSource: ApplicationDataSource;
  /** As on PostgreSQL. @default true */
  readonly listen?: boolean;
}

/** A TypeORM DataSource, as much of it as can be said without TypeORM. */
export interface ApplicationDataSource {
  readonly isInitialized: boolean;
  readonly options: { readonly type: string };
}

/** This process' memory: for tests, and for work that may be lost with the process. */
export interface MemoryStorage {
  readonly type: 'memory';
}

/** A store that some module provides under this token. */
export interface ProvidedStorage {
  readonly type: 'provider';
  readonly token: InjectionToken;
}

export type NamedStorage =
  SqliteStorage | PostgresStorage | RedisStorage | FileStorage | SharedStorage | MemoryStorage | ProvidedStorage;

/** One of ours, or a store of your own as an instance or as a class that Nest makes. */
export type StorageOptions = NamedStorage | WorkflowStore | Type<WorkflowStore>;
