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
  isEnded,
  type ProcessRecord,
  type Release,
  type RunRecord,
  type RunStatus,
  WorkflowStore,
} from '../core/index.js';
import { frozenCopy } from './frozen-copy.js';
import { refusalOf, write } from './memory-commit.js';
import { deliver } from './memory-hooks.js';
import { MemoryEventRepository, MemoryHookRepository, MemoryRunRepository } from './memory-repositories.js';
import { hasWaking, type MemoryRun, MemoryTables } from './memory-tables.js';

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
  private readonly tables = new MemoryTables();
  override readonly runs = new MemoryRunRepository(this.tables);
  override readonly events = new MemoryEventRepository(this.tables);
  override readonly hooks = new MemoryHookRepository(this.tables);
  override readonly exclusive: boolean;
  private readonly announced = new Map<string, ProcessRecord>();

  constructor({ exclusive = true }: MemoryStoreOptions = {}) {
    super();
    this.exclusive = exclusive;
  }

  override async open(): Promise<void> {}

  /** The runs stay: whoever has the object may go on with them. */
  override async close(): Promise<void> {}

  override async commit(commit: Commit): Promise<CommitResult> {
    return refusalOf(this.tables, commit) ?? write(this.tables, commit);
  }

  override async append(message: InboxMessage): Promise<AppendResult> {
    const run = this.tables.runs.get(message.runId);
    if (!run) return { type: 'unknown' };
    const { status, owner } = run.record;
    if (isEnded(status)) return { type: 'ended', status };
    if (run.keys.has(message.key)) return { type: 'duplicate', owner };
    this.tables.receive(run, frozenCopy(message));
    return { type: 'appended', owner };
  }

  override async deliverHook(delivery: HookDelivery): Promise<HookDeliveryResult> {
    return deliver(this.tables, delivery);
  }

  override async inbox(runId: string): Promise<readonly InboxMessage[]> {
    return [...(this.tables.runs.get(runId)?.inbox.values() ?? [])];
  }

  override async claim({ runId, owner, now, until }: Claim): Promise<ClaimedRun | undefined> {
    const run = this.tables.runs.get(runId);
    if (!run || !isClaimable(run.record, owner, now)) return undefined;
    const { status, fence, recoveryAttempts } = run.record;
    const isAbandoned = status === 'running' && run.record.owner !== undefined && run.record.owner !== owner;
    this.tables.update(run, {
      status: statusWhenClaimed(status),
      owner,
      leaseUntil: until,
      wakeAt: until,
      fence: fence + 1,
      recoveryAttempts: recoveryAttempts + (isAbandoned ? 1 : 0),
    });
    return { run: run.record, inbox: [...run.inbox.values()] };
  }

  override async release(releases: readonly Release[]): Promise<readonly string[]> {
    return releases.filter((release) => !this.giveUp(release)).map(({ runId }) => runId);
  }

  /** @returns false if the run is held still. */
  private giveUp(release: Release): boolean {
    const run = this.held(release);
    if (!run) return true;
    if (hasWaking(run)) return false;
    this.tables.update(run, { owner: undefined, leaseUntil: undefined, wakeAt: release.wakeAt });
    return true;
  }

  override async renew(leases: readonly HeldLease[], until: number): Promise<readonly string[]> {
    return leases.filter((lease) => !this.extend(lease, until)).map(({ runId }) => runId);
  }

  /** @returns false if the run is held no longer. */
  private extend(lease: HeldLease, until: number): boolean {
    const run = this.held(lease);
    if (run) this.tables.update(run, { leaseUntil: until, wakeAt: until });
    return run !== undefined;
  }

  private held({ runId, owner, fence }: HeldLease): MemoryRun | undefined {
    const run = this.tables.runs.get(runId);
    return run?.record.owner === owner && run.record.fence === fence ? run : undefined;
  }

  override async due(now: number, limit: number, ahead = now): Promise<readonly DueRun[]> {
    const due: DueRun[] = [];
    for (const { runId, at } of this.tables.alarms.until(ahead)) {
      if (due.length >= limit) break;
      const run = this.tables.runs.get(runId)?.record;
      const isLeased = run?.owner !== undefined;
      if (at <= now || !isLeased) due.push({ runId, at, suspect: run?.status === 'running' && isLeased });
    }
    return due;
  }

  override async expireLeases(now: number): Promise<void> {
    for (const run of this.tables.runs.values()) {
      if (run.record.owner !== undefined) this.tables.update(run, { leaseUntil: now, wakeAt: now });
    }
  }

  override async heartbeat(beats: readonly Heartbeat[]): Promise<readonly Heartbeat[]> {
    return beats.filter((beat) => !this.beat(beat));
  }

  /** @returns false if the attempt must stop. */
  private beat(beat: Heartbeat): boolean {
    const run = this.tables.runs.get(beat.runId);
    // A beat that comes after the end would stay for ever.
    if (!run || isEnded(run.record.status)) return false;
    const known = run.heartbeats.get(beat.id);
    if (known && !isSucceededBy(known, beat)) return false;
    const { begins: _, ...kept } = beat;
    run.heartbeats.set(beat.id, frozenCopy(kept));
    return true;
  }

  override async heartbeats(runId: string, ids?: readonly string[]): Promise<readonly Heartbeat[]> {
    const beats = [...(this.tables.runs.get(runId)?.heartbeats.values() ?? [])];
    return ids ? beats.filter(({ id }) => ids.includes(id)) : beats;
  }

  override async announce(process: ProcessRecord): Promise<undefined> {
    this.announced.set(process.owner, frozenCopy(process));
  }

  override async processes(now: number): Promise<readonly ProcessRecord[]> {
    for (const { owner, until } of this.announced.values()) if (until <= now) this.announced.delete(owner);
    return [...this.announced.values()];
  }
}

function isSucceededBy(known: Heartbeat, beat: Heartbeat): boolean {
  if (beat.begins || beat.attempt !== known.attempt) return beat.attempt > known.attempt;
  return beat.worker === known.worker;
}

function isClaimable(run: RunRecord, owner: string, now: number): boolean {
  if (isEnded(run.status)) return false;
  return run.owner === undefined || run.owner === owner || (run.leaseUntil ?? 0) <= now;
}

function statusWhenClaimed(status: RunStatus): RunStatus {
  return status === 'blocked' || status === 'paused' ? status : 'running';
}
