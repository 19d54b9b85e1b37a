import type { DataSource } from 'typeorm';
import type {
  AppendResult,
  Claim,
  ClaimedRun,
  Commit,
  CommitResult,
  DueRun,
  Heartbeat,
  HeldLease,
  HistoryEvent,
  HookDelivery,
  HookDeliveryResult,
  InboxMessage,
  ProcessRecord,
  Release,
} from '../../core/index.js';
import { FIND_DUE } from '../reading-sql.js';
import type { SqlValue, StoreBackend, StoreStatistics } from '../backend.js';
import type { SharedStoreOptions, SqliteStoreOptions } from '../typeorm.options.js';
import { ConnectionGate } from './connection-gate.js';
import { GroupWriter } from './group-writer.js';
import { loadEvents } from './load-events.js';
import { migrate } from './migrate.js';
import { openConnection, type SqliteConnection } from './sqlite-connection.js';
import { Statements } from './statements.js';
import { writeCommit } from './write-commit.js';
import { append, deliverHook } from './write-inbox.js';
import { claim, expireLeases, heartbeat, release, renew } from './write-leases.js';
import { announce, processes } from './write-processes.js';

interface DueRow {
  readonly run_id: string;
  readonly due_at: number;
  readonly suspect: number;
}

/** Writes to SQLite: statements on the one connection there is, in batches that nothing interrupts. */
export class SqliteBackend implements StoreBackend {
  private readonly statements: Statements;
  private readonly gate: ConnectionGate;
  private readonly writer: GroupWriter;
  private commits = 0;

  private constructor(private readonly connection: SqliteConnection) {
    this.statements = new Statements(connection.database);
    this.gate = new ConnectionGate(connection.database, connection.dataSource);
    this.writer = new GroupWriter(connection.database, this.gate, String(connection.dataSource.options.database));
  }

  static async open(options: SqliteStoreOptions | SharedStoreOptions): Promise<SqliteBackend> {
    const backend = new SqliteBackend(await openConnection(options));
    try {
      await backend.write(migrate);
      return backend;
    } catch (error) {
      await backend.close();
      throw error;
    }
  }

  get dataSource(): DataSource {
    return this.connection.dataSource;
  }

  get statistics(): StoreStatistics {
    return { transactions: this.writer.transactions, commits: this.commits };
  }

  commit(commit: Commit): Promise<CommitResult> {
    this.commits++;
    return this.write((statements) => writeCommit(statements, commit));
  }

  append(message: InboxMessage): Promise<AppendResult> {
    return this.write((statements) => append(statements, message));
  }

  deliverHook(delivery: HookDelivery): Promise<HookDeliveryResult> {
    return this.write((statements) => deliverHook(statements, delivery));
  }

  claim(request: Claim): Promise<ClaimedRun | undefined> {
    return this.write((statements) => claim(statements, request));
  }

  release(releases: readonly Release[]): Promise<readonly string[]> {
    return this.write((statements) => release(statements, releases));
  }

  renew(leases: readonly HeldLease[], until: number): Promise<readonly string[]> {
    return this.write((statements) => renew(statements, leases, until));
  }

  expireLeases(now: number): Promise<void> {
    return this.write((statements) => expireLeases(statements, now));
  }

  heartbeat(beats: readonly Heartbeat[]): Promise<readonly Heartbeat[]> {
    return this.write((statements) => heartbeat(statements, beats));
  }

  announce(process: ProcessRecord): Promise<undefined> {
    return this.write((statements) => announce(statements, process));
  }

  processes(now: number): Promise<readonly ProcessRecord[]> {
    return this.write((statements) => processes(statements, now));
  }

  async due(now: number, limit: number, ahead: number): Promise<readonly DueRun[]> {
    const rows = await this.query<DueRow>(FIND_DUE, [ahead, now, limit, ahead, limit, limit]);
    return rows.map(({ run_id, due_at, suspect }) => ({ runId: run_id, at: due_at, suspect: suspect > 0 }));
  }

  loadEvents(runId: string, after: number, limit: number): Promise<readonly HistoryEvent[]> {
    return this.gate.run(() => loadEvents(this.statements, runId, after, limit));
  }

  query<Row>(sql: string, parameters?: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.gate.run(() => this.statements.all<Row>(sql, parameters));
  }

  async close(): Promise<void> {
    await this.writer.idle();
    this.gate.close();
    this.statements.clear();
    await this.connection.close();
  }

  private write<Result>(work: (statements: Statements) => Result): Promise<Result> {
    return this.writer.write(() => work(this.statements));
  }
}
