import type { DataSource } from 'typeorm';
import {
  type AppendResult,
  type Claim,
  type ClaimedRun,
  type Commit,
  type CommitResult,
  type DueRun,
  type EventRepository,
  type Heartbeat,
  type HeldLease,
  type HookDelivery,
  type HookDeliveryResult,
  type HookRepository,
  type InboxMessage,
  type Notifier,
  Opening,
  type ProcessRecord,
  type Release,
  type RunRepository,
  StoreClosedError,
  WorkflowStore,
} from '../core/index.js';
import type { SqlReader, StoreBackend, StoreStatistics } from './backend.js';
import { GatheredRead } from './gathered-read.js';
import { findInboxes, heartbeatsOf, LIST_HEARTBEATS } from './reading-sql.js';
import { SqlEventRepository, SqlHookRepository, SqlRunRepository } from './repositories.js';
import { type HeartbeatRow, toHeartbeat, toMessages } from './rows.js';
import { PostgresBackend } from './postgres/postgres.backend.js';
import type { PostgresConnection } from './postgres/postgres-connection.js';
import { PostgresNotifier, type PostgresNotifierOptions } from './postgres/postgres.notifier.js';
import { SqliteBackend } from './sqlite/sqlite.backend.js';
import { checkOptions, isPostgres, listens, type TypeOrmStoreOptions } from './typeorm.options.js';

/**
 * Keeps runs in a database that TypeORM connects to.
 *
 * Changes are written by statements of the database's own kind, those of concurrent runs together in one transaction;
 * reading is the same for all. The entities are for queries of your own.
 */
export class TypeOrmStore extends WorkflowStore {
  private readonly reader: SqlReader = { query: async (sql, parameters) => this.backend.query(sql, parameters) };
  override readonly runs: RunRepository = new SqlRunRepository(this.reader);
  override readonly events: EventRepository = new SqlEventRepository(() => this.backend);
  override readonly hooks: HookRepository = new SqlHookRepository(this.reader);
  private readonly inboxes = new GatheredRead(this.reader, findInboxes, toMessages);
  /** An SQLite file serves one process; a lock on a file beside it holds others off. PostgreSQL serves many. */
  override readonly exclusive: boolean;

  private readonly options: TypeOrmStoreOptions;
  private readonly opening: Opening<StoreBackend>;

  /** @throws InvalidInputError if the options cannot be used. */
  constructor(options: TypeOrmStoreOptions) {
    super();
    checkOptions(options);
    this.options = options;
    this.exclusive = !isPostgres(options);
    this.opening = new Opening<StoreBackend>(
      () => (isPostgres(options) ? PostgresBackend.open(options) : SqliteBackend.open(options)),
      (backend) => backend.close(),
    );
  }

  /** The connection, for queries of your own with the exported entities. Writing to the store's tables breaks it. */
  get dataSource(): DataSource {
    return this.backend.dataSource;
  }

  get statistics(): StoreStatistics {
    return this.backend.statistics;
  }

  override open(): Promise<void> {
    return this.opening.open();
  }

  override close(): Promise<void> {
    return this.opening.close();
  }

  override commit(commit: Commit): Promise<CommitResult> {
    return this.opening.use((backend) => backend.commit(commit));
  }

  override append(message: InboxMessage): Promise<AppendResult> {
    return this.opening.use((backend) => backend.append(message));
  }

  override async deliverHook(delivery: HookDelivery): Promise<HookDeliveryResult> {
    return this.backend.deliverHook(delivery);
  }

  override inbox(runId: string): Promise<readonly InboxMessage[]> {
    return this.inboxes.of(runId);
  }

  override async claim(claim: Claim): Promise<ClaimedRun | undefined> {
    return this.backend.claim(claim);
  }

  override async release(releases: readonly Release[]): Promise<readonly string[]> {
    return releases.length === 0 ? [] : this.backend.release(releases);
  }

  override async renew(leases: readonly HeldLease[], until: number): Promise<readonly string[]> {
    return leases.length === 0 ? [] : this.backend.renew(leases, until);
  }

  override async due(now: number, limit: number, ahead = now): Promise<readonly DueRun[]> {
    return this.backend.due(now, limit, ahead);
  }

  override async expireLeases(now: number): Promise<void> {
    return this.backend.expireLeases(now);
  }

  override async heartbeat(beats: readonly Heartbeat[]): Promise<readonly Heartbeat[]> {
    return beats.length === 0 ? [] : this.backend.heartbeat(beats);
  }

  override async heartbeats(runId: string, ids?: readonly string[]): Promise<readonly Heartbeat[]> {
    const rows = ids
      ? await this.backend.query<HeartbeatRow>(heartbeatsOf(ids.length), [runId, ...ids])
      : await this.backend.query<HeartbeatRow>(LIST_HEARTBEATS, [runId]);
    return rows.map(toHeartbeat);
  }

  override async announce(process: ProcessRecord): Promise<number | undefined> {
    return this.backend.announce(process);
  }

  override async processes(now: number): Promise<readonly ProcessRecord[]> {
    return this.backend.processes(now);
  }

  /** On PostgreSQL, by LISTEN and NOTIFY on a connection of its own, unless the option `listen` says no. */
  override notifier(options: PostgresNotifierOptions): Notifier | undefined {
    return listens(this.options) ? new PostgresNotifier(() => this.connection, options) : undefined;
  }

  private get connection(): PostgresConnection {
    if (!(this.backend instanceof PostgresBackend)) throw new StoreClosedError();
    return this.backend.connection;
  }

  private get backend(): StoreBackend {
    return this.opening.current;
  }
}
