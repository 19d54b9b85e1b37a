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
  type ProcessRecord,
  type Release,
  type RunRepository,
  WorkflowStore,
} from '../../core/index.js';

/** Hands everything on to another store, each operation through `call`. */
export abstract class DelegatingStore extends WorkflowStore {
  readonly exclusive: boolean;
  readonly runs: RunRepository;
  readonly events: EventRepository;
  readonly hooks: HookRepository;

  constructor(protected readonly inner: WorkflowStore) {
    super();
    this.exclusive = inner.exclusive;
    this.runs = inner.runs;
    this.events = inner.events;
    this.hooks = inner.hooks;
  }

  open(): Promise<void> {
    return this.inner.open();
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  commit(commit: Commit): Promise<CommitResult> {
    return this.call(`commit ${commit.runId} +${commit.events.length}`, () => this.inner.commit(commit));
  }

  append(message: InboxMessage): Promise<AppendResult> {
    return this.call(`append ${message.runId} ${message.key}`, () => this.inner.append(message));
  }

  deliverHook(delivery: HookDelivery): Promise<HookDeliveryResult> {
    return this.call(`deliver ${delivery.deliveryId}`, () => this.inner.deliverHook(delivery));
  }

  inbox(runId: string): Promise<readonly InboxMessage[]> {
    return this.call(`inbox ${runId}`, () => this.inner.inbox(runId));
  }

  claim(claim: Claim): Promise<ClaimedRun | undefined> {
    return this.call(`claim ${claim.runId}`, () => this.inner.claim(claim));
  }

  release(releases: readonly Release[]): Promise<readonly string[]> {
    return this.call(`release ${releases.map(({ runId }) => runId).join()}`, () => this.inner.release(releases));
  }

  renew(leases: readonly HeldLease[], until: number): Promise<readonly string[]> {
    return this.call('renew', () => this.inner.renew(leases, until));
  }

  due(now: number, limit: number, ahead?: number): Promise<readonly DueRun[]> {
    return this.call('due', () => this.inner.due(now, limit, ahead));
  }

  expireLeases(now: number): Promise<void> {
    return this.call('expireLeases', () => this.inner.expireLeases(now));
  }

  heartbeat(beats: readonly Heartbeat[]): Promise<readonly Heartbeat[]> {
    return this.call('heartbeat', () => this.inner.heartbeat(beats));
  }

  heartbeats(runId: string, ids?: readonly string[]): Promise<readonly Heartbeat[]> {
    return this.call('heartbeats', () => this.inner.heartbeats(runId, ids));
  }

  announce(process: ProcessRecord): Promise<number | undefined> {
    return this.call('announce', () => this.inner.announce(process));
  }

  processes(now: number): Promise<readonly ProcessRecord[]> {
    return this.call('processes', () => this.inner.processes(now));
  }

  /** Does one operation. */
  protected call<T>(_what: string, operation: () => Promise<T>): Promise<T> {
    return operation();
  }
}
