import {
  type AppendResult,
  type Claim,
  type ClaimedRun,
  type Commit,
  type CommitResult,
  type DueRun,
  type Heartbeat,
  type HeldLease,
  type HookDelivery,
  type HookDeliveryResult,
  type InboxMessage,
  type ProcessRecord,
  type Release,
  WorkflowStore,
} from '../core/index.js';
import {
  AnnouncedProcesses,
  decideAppend,
  decideClaim,
  decideCommit,
  decideDelivery,
  decideExpiry,
  decideHeartbeat,
  decideRelease,
  decideRenewal,
  type Decision,
  type RunChange,
  RunTables,
} from '../tables/index.js';
import {
  compact,
  type History,
  MemoryEventRepository,
  MemoryHookRepository,
  MemoryRunRepository,
} from './memory-repositories.js';

export interface MemoryStoreOptions {
  /** False if several runtimes share this one object, as simulated processes do. @default true */
  readonly exclusive?: boolean;
}

/**
 * Keeps runs in this process' memory, for tests and for work that may be lost with the process.
 *
 * No method waits in the middle, so each is a transaction. What goes in is copied and what comes out is frozen:
 * nobody shares the store's state.
 */
export class MemoryStore extends WorkflowStore {
  private readonly tables = new RunTables();
  private readonly histories = new Map<string, History>();
  override readonly runs = new MemoryRunRepository(this.tables);
  override readonly events = new MemoryEventRepository(this.histories);
  override readonly hooks = new MemoryHookRepository(this.tables);
  override readonly exclusive: boolean;
  private readonly announced = new AnnouncedProcesses();

  constructor({ exclusive = true }: MemoryStoreOptions = {}) {
    super();
    this.exclusive = exclusive;
  }

  override async open(): Promise<void> {}

  /** The runs stay: whoever has the object may go on with them. */
  override async close(): Promise<void> {}

  override async commit(commit: Commit): Promise<CommitResult> {
    return this.take(decideCommit(this.tables, commit));
  }

  override async append(message: InboxMessage): Promise<AppendResult> {
    return this.take(decideAppend(this.tables, message));
  }

  override async deliverHook(delivery: HookDelivery): Promise<HookDeliveryResult> {
    return this.take(decideDelivery(this.tables, delivery));
  }

  override async inbox(runId: string): Promise<readonly InboxMessage[]> {
    return [...(this.tables.runs.get(runId)?.inbox.values() ?? [])];
  }

  override async claim(claim: Claim): Promise<ClaimedRun | undefined> {
    return this.take(decideClaim(this.tables, claim));
  }

  override async release(releases: readonly Release[]): Promise<readonly string[]> {
    return releases.filter((release) => !this.take(decideRelease(this.tables, release))).map(({ runId }) => runId);
  }

  override async renew(leases: readonly HeldLease[], until: number): Promise<readonly string[]> {
    return leases.filter((lease) => !this.take(decideRenewal(this.tables, lease, until))).map(({ runId }) => runId);
  }

  override async due(now: number, limit: number, ahead = now): Promise<readonly DueRun[]> {
    return this.tables.due(now, limit, ahead);
  }

  override async expireLeases(now: number): Promise<void> {
    for (const run of this.tables.runs.values()) this.take(decideExpiry(run, now));
  }

  override async heartbeat(beats: readonly Heartbeat[]): Promise<readonly Heartbeat[]> {
    return beats.filter((beat) => !this.take(decideHeartbeat(this.tables, beat)));
  }

  override async heartbeats(runId: string, ids?: readonly string[]): Promise<readonly Heartbeat[]> {
    return this.tables.heartbeats(runId, ids);
  }

  override async announce(process: ProcessRecord): Promise<undefined> {
    this.announced.announce(process);
  }

  override async processes(now: number): Promise<readonly ProcessRecord[]> {
    return this.announced.at(now);
  }

  private take<Result>({ result, change }: Decision<Result>): Result {
    if (change) this.apply(change);
    return result;
  }

  private apply(change: RunChange): void {
    this.tables.apply(change);
    if (!change.events && !change.compacts) return;
    const history = this.histories.get(change.runId) ?? [];
    for (const event of change.compacts ?? []) compact(history, event);
    for (const event of change.events ?? []) history.push(event);
    this.histories.set(change.runId, history);
  }
}
