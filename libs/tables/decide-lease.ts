import {
  type Claim,
  type ClaimedRun,
  type Heartbeat,
  type HeldLease,
  isEnded,
  type Release,
  type RunRecord,
  type RunStatus,
} from '../core/index.js';
import { changed, frozenCopy } from './frozen-copy.js';
import type { Decision } from './run-change.js';
import { hasWaking, type RunRows, type RunTables } from './run-tables.js';

/** Whether a process may take a run. */
export function decideClaim(tables: RunTables, claim: Claim): Decision<ClaimedRun | undefined> {
  const { runId, owner, now, until } = claim;
  const run = tables.runs.get(runId);
  if (!run || !isClaimable(run.record, owner, now)) return { result: undefined };
  const { status, fence, recoveryAttempts } = run.record;
  const isAbandoned = status === 'running' && run.record.owner !== undefined && run.record.owner !== owner;
  const row = changed(run.record, {
    status: statusWhenClaimed(status),
    owner,
    leaseUntil: until,
    wakeAt: until,
    fence: fence + 1,
    recoveryAttempts: recoveryAttempts + (isAbandoned ? 1 : 0),
  });
  return { result: { run: row, inbox: [...run.inbox.values()] }, change: { runId, row } };
}

/** Whether a run can be given up; the result is false if it is held still. */
export function decideRelease(tables: RunTables, release: Release): Decision<boolean> {
  const run = heldRun(tables, release);
  if (!run) return { result: true };
  if (hasWaking(run.inbox.values(), run.record.status)) return { result: false };
  const row = changed(run.record, { owner: undefined, leaseUntil: undefined, wakeAt: release.wakeAt });
  return { result: true, change: { runId: release.runId, row } };
}

/** Extends a lease and its alarm; the result is false if the run is held no longer. */
export function decideRenewal(tables: RunTables, lease: HeldLease, until: number): Decision<boolean> {
  const run = heldRun(tables, lease);
  if (!run) return { result: false };
  return {
    result: true,
    change: { runId: lease.runId, row: changed(run.record, { leaseUntil: until, wakeAt: until }) },
  };
}

/** Lets a lease expire, if the run has one. */
export function decideExpiry({ record }: RunRows, now: number): Decision<void> {
  if (record.owner === undefined) return { result: undefined };
  const row = changed(record, { leaseUntil: now, wakeAt: now });
  return { result: undefined, change: { runId: record.runId, row } };
}

/** Notes that an attempt is alive; the result is false if it must stop. */
export function decideHeartbeat(tables: RunTables, beat: Heartbeat): Decision<boolean> {
  const run = tables.runs.get(beat.runId);
  // A beat that comes after the end would stay for ever.
  if (!run || isEnded(run.record.status)) return { result: false };
  const known = run.heartbeats.get(beat.id);
  if (known && !isSucceededBy(known, beat)) return { result: false };
  const { begins: _, ...kept } = beat;
  return { result: true, change: { runId: beat.runId, heartbeats: [frozenCopy(kept)] } };
}

function heldRun(tables: RunTables, { runId, owner, fence }: HeldLease): RunRows | undefined {
  const run = tables.runs.get(runId);
  return run?.record.owner === owner && run.record.fence === fence ? run : undefined;
}

function isClaimable(run: RunRecord, owner: string, now: number): boolean {
  if (isEnded(run.status)) return false;
  return run.owner === undefined || run.owner === owner || (run.leaseUntil ?? 0) <= now;
}

function statusWhenClaimed(status: RunStatus): RunStatus {
  return status === 'blocked' || status === 'paused' ? status : 'running';
}

function isSucceededBy(known: Heartbeat, beat: Heartbeat): boolean {
  if (beat.begins || beat.attempt !== known.attempt) return beat.attempt > known.attempt;
  return beat.worker === known.worker;
}
