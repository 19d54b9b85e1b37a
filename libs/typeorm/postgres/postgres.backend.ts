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
import type { SqlValue, StoreBackend, StoreStatistics } from '../backend.js';
import { GatheredRead } from '../gathered-read.js';
import { findInboxes } from '../reading-sql.js';
import { toMessages } from '../rows.js';
import type { PostgresStoreOptions, SharedStoreOptions } from '../typeorm.options.js';
import { EventReader } from './event-reader.js';
import { findDue } from './find-due.js';
import { findWritten } from './find-written.js';
import { GroupWriter } from './group-writer.js';
import { migrate } from './migrate.js';
import { Patience } from './patience.js';
import { openConnection, openingError, type PostgresConnection } from './postgres-connection.js';
import { PostgresDatabase } from './postgres-database.js';
import { PreparedStatements } from './prepared-statements.js';
import { check, checkClaim, checkCommit, checkMessage } from './storable-text.js';
import { hasHooks, writeCommits } from './write-commits.js';
import { appendAll, deliverHook } from './write-inbox.js';
import { claimAll, expireLeases, heartbeat, release, renew, type Taken } from './write-leases.js';
import { announce, processes } from './write-processes.js';

const DEFAULT_RETRY_FOR_MS = 5_000;
/** Half of them are still so many that the statement costs each of them little. */
const MANY_COMMITS = 64;
const MIGRATION_ADVICE =
  'Its tables could not be read or upgraded: let an account that may create and alter them start first, ' +
  'and grant this one USAGE on the schema and its sequences, and SELECT, INSERT, UPDATE and DELETE on its tables.';

/** Writes to PostgreSQL, through the pool of the DataSource: what many runs hand in goes in few statements. */
export class PostgresBackend implements StoreBackend {
  private readonly database: PostgresDatabase;
  private readonly commitWriter: GroupWriter<Commit, CommitResult>;
  private readonly inboxWriter: GroupWriter<InboxMessage, AppendResult>;
  private readonly claimWriter: GroupWriter<Claim, Taken>;
  private readonly inboxes = new GatheredRead(this, findInboxes, toMessages);
  private readonly events = new EventReader(this);
  private readonly run: PostgresDatabase['query'] = (sql, values) => this.database.query(sql, values);
  private batches = 0;

  private constructor(
    readonly connection: PostgresConnection,
    private readonly options: PostgresStoreOptions | SharedStoreOptions,
  ) {
    const prepared = new PreparedStatements(connection.schema, options.preparedStatements ?? true);
    this.database = new PostgresDatabase(connection.pool, prepared, connection.types);
    const patience = (): Patience => this.patience();
    this.commitWriter = new GroupWriter({
      check: checkCommit,
      write: (commits) => this.writeCommits(commits),
      recall: (commits) => findWritten(this.run, commits),
      isRefusal: ({ type }) => type !== 'committed',
      keyOf: ({ runId }) => runId,
      kindOf: (commit) => (hasHooks(commit) ? 'hooks' : 'plain'),
      sharedFrom: MANY_COMMITS,
      patience,
    });
    this.inboxWriter = new GroupWriter({
      check: checkMessage,
      write: (messages) => appendAll(this.run, messages),
      // A message that was written is found by its key when it is written again.
      recall: async (messages) => messages.map(() => undefined),
      isRefusal: () => false,
      keyOf: ({ runId, key }) => JSON.stringify([runId, key]),
      kindOf: () => 'message',
      patience,
    });
    this.claimWriter = new GroupWriter({
      check: checkClaim,
      write: (claims) => claimAll(this.run, claims),
      // A run that was taken is its owner's, and is taken once more.
      recall: async (claims) => claims.map(() => undefined),
      isRefusal: () => false,
      keyOf: ({ runId }) => runId,
      kindOf: () => 'claim',
      patience,
    });
  }

  static async open(options: PostgresStoreOptions | SharedStoreOptions): Promise<PostgresBackend> {
    const backend = new PostgresBackend(await openConnection(options), options);
    try {
      await backend.patience().run(() => migrate(backend.database, backend.connection.schema));
      return backend;
    } catch (error) {
      await backend.close();
      throw openingError(backend.connection.place, error, MIGRATION_ADVICE);
    }
  }

  get dataSource(): DataSource {
    return this.connection.dataSource;
  }

  get statistics(): StoreStatistics {
    return { transactions: this.batches, commits: this.commitWriter.changes, statements: this.database.statements };
  }

  commit(commit: Commit): Promise<CommitResult> {
    return this.commitWriter.write(commit);
  }

  append(message: InboxMessage): Promise<AppendResult> {
    return this.inboxWriter.write(message);
  }

  async deliverHook(delivery: HookDelivery): Promise<HookDeliveryResult> {
    check('The token', delivery.token);
    check('The delivery id', delivery.deliveryId);
    check('The payload', delivery.payload);
    return this.patiently(() => deliverHook(this.run, delivery));
  }

  async claim(request: Claim): Promise<ClaimedRun | undefined> {
    const { run } = await this.claimWriter.write(request);
    // Not in the same statement: what came while it waited for the lock of the run is to be found.
    return run && { run, inbox: await this.inboxes.of(run.runId) };
  }

  release(releases: readonly Release[]): Promise<readonly string[]> {
    return this.patiently(() => release(this.run, releases));
  }

  renew(leases: readonly HeldLease[], until: number): Promise<readonly string[]> {
    return this.patiently(() => renew(this.run, leases, until));
  }

  expireLeases(now: number): Promise<void> {
    return this.patiently(() => expireLeases(this.run, now));
  }

  heartbeat(beats: readonly Heartbeat[]): Promise<readonly Heartbeat[]> {
    return this.patiently((isRepeated) => heartbeat(this.run, beats, isRepeated));
  }

  announce(process: ProcessRecord): Promise<number> {
    return this.patiently(() => announce(this.run, process));
  }

  processes(now: number): Promise<readonly ProcessRecord[]> {
    return this.patiently(() => processes(this.run, now));
  }

  due(now: number, limit: number, ahead: number): Promise<readonly DueRun[]> {
    return this.patiently(() => findDue(this.run, now, limit, ahead));
  }

  loadEvents(runId: string, after: number, limit: number): Promise<readonly HistoryEvent[]> {
    return this.events.load(runId, after, limit);
  }

  query<Row>(sql: string, parameters?: readonly SqlValue[]): Promise<readonly Row[]> {
    return this.patiently(() => this.database.query<Row>(sql, parameters));
  }

  async close(): Promise<void> {
    await Promise.all([this.commitWriter.idle(), this.inboxWriter.idle(), this.claimWriter.idle()]);
    await this.database.idle();
    await this.connection.close();
  }

  private writeCommits(commits: readonly Commit[]): Promise<readonly (CommitResult | undefined)[]> {
    return writeCommits(this.database, commits).then((results) => {
      this.batches++;
      return results;
    });
  }

  private patiently<Result>(work: (isRepeated: boolean) => Promise<Result>): Promise<Result> {
    return this.patience().run(work);
  }

  private patience(): Patience {
    return new Patience(this.options.retryForMs ?? DEFAULT_RETRY_FOR_MS, this.connection.place);
  }
}
