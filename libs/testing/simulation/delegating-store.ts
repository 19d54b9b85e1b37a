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

/** Hands everything on to another store. */
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
    return this.inner.commit(commit);
  }

  append(message: InboxMessage): Promise<AppendResult> {
    return this.inner.append(message);
  }

  deliverHook(delivery: HookDelivery): Promise<HookDeliveryResult> {
    return this.inner.deliverHook(delivery);
  }

  inbox(runId: string): Promise<readonly InboxMessage[]> {
    return this.inner.inbox(runId);
  }

  claim(claim: Claim): Promise<ClaimedRun | undefined> {
    return this.inner.claim(claim);
  }

  release(releases: readonly Release[]): Promise<readonly string[]> {
    return this.inner.release(releases);
  }

  renew(leases: readonly HeldLease[], until: number): Promise<readonly string[]> {
    return this.inner.renew(leases, until);
  }

  due(now: number, limit: number, ahead?: number): Promise<readonly DueRun[]> {
    return this.inner.due(now, limit, ahead);
  }

  expireLeases(now: number): Promise<void> {
    return this.inner.expireLeases(now);
  }

  heartbeat(beats: readonly Heartbeat[]): Promise<readonly Heartbeat[]> {
    return this.inner.heartbeat(beats);
  }

  heartbeats(runId: string, ids?: readonly string[]): Promise<readonly Heartbeat[]> {
    return this.inner.heartbeats(runId, ids);
  }

  announce(process: ProcessRecord): Promise<number | undefined> {
    return this.inner.announce(process);
  }

  processes(now: number): Promise<readonly ProcessRecord[]> {
    return this.inner.processes(now);
  }
}
