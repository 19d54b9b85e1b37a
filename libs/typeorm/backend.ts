import type { DataSource } from 'typeorm';
import type { DueRun, EventRepository, WorkflowStore } from '../core/index.js';

export type SqlValue = string | number | null;

/** Runs statements that only read, with `?` for each parameter, in SQL that every database understands. */
export interface SqlReader {
  query<Row>(sql: string, parameters?: readonly SqlValue[]): Promise<readonly Row[]>;
}

/** Counters since the store was opened, for tests and for metrics. */
export interface StoreStatistics {
  /** Transactions of the store's own that were committed. */
  readonly transactions: number;
  /** Calls of `commit`, refused ones included. */
  readonly commits: number;
  /** Statements sent to the server, if there is one. */
  readonly statements?: number;
}

type Writes = Pick<
  WorkflowStore,
  | 'commit'
  | 'append'
  | 'deliverHook'
  | 'claim'
  | 'release'
  | 'renew'
  | 'expireLeases'
  | 'heartbeat'
  | 'announce'
  | 'processes'
>;

/** What differs from database to database: how changes are written, and how what is due is found. */
export interface StoreBackend extends SqlReader, Writes {
  readonly dataSource: DataSource;
  readonly statistics: StoreStatistics;
  due(now: number, limit: number, ahead: number): Promise<readonly DueRun[]>;
  /** Histories are most of what is read, so each database reads them as it does best. */
  readonly loadEvents: EventRepository['load'];
  /** Finishes what is being written, then lets go of the database. */
  close(): Promise<void>;
}
