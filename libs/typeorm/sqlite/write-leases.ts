import type { Claim, ClaimedRun, Heartbeat, HeldLease, Release, RunStatus } from '../../core/index.js';
import { FIND_INBOX } from '../reading-sql.js';
import { type InboxRow, RUN_COLUMNS, type RunRow, toMessages, toRunRecord } from '../rows.js';
import type { Statements } from './statements.js';
import { hasWaking } from './waiting-messages.js';

// A lease that is old but nobody's has no owner; an ended run has none either, and must not be taken.
const CLAIM = `
  UPDATE workflow_run SET owner = ?, lease_until = ?, wake_at = ?, fence = fence + 1,
    recovery_attempts = recovery_attempts
      + CASE WHEN status = 'running' AND owner IS NOT NULL AND owner <> ? THEN 1 ELSE 0 END,
    status = CASE WHEN status IN ('blocked', 'paused') THEN status ELSE 'running' END
  WHERE run_id = ? AND status IN ('pending', 'running', 'suspended', 'blocked', 'paused')
    AND (owner IS NULL OR owner = ? OR lease_until <= ?)
  RETURNING ${RUN_COLUMNS.join(', ')}`;

const IS_HELD = 'run_id = ? AND owner = ? AND fence = ?';
const FIND_HELD = `SELECT status FROM workflow_run WHERE ${IS_HELD}`;
const GIVE_UP = 'UPDATE workflow_run SET owner = NULL, lease_until = NULL, wake_at = ? WHERE run_id = ?';
const EXTEND = `UPDATE workflow_run SET lease_until = ?, wake_at = ? WHERE ${IS_HELD}`;
const EXPIRE = 'UPDATE workflow_run SET lease_until = ?, wake_at = ? WHERE owner IS NOT NULL';

// A beat that comes after the end would stay for ever.
const BEAT = `
  INSERT INTO workflow_heartbeat (run_id, id, attempt, worker, until)
  SELECT run_id, ?, ?, ?, ? FROM workflow_run
  WHERE run_id = ? AND status IN ('pending', 'running', 'suspended', 'blocked', 'paused')
  ON CONFLICT (run_id, id)
  DO UPDATE SET attempt = excluded.attempt, worker = excluded.worker, until = excluded.until
  WHERE excluded.attempt > workflow_heartbeat.attempt
    OR (NOT ? AND excluded.attempt = workflow_heartbeat.attempt AND excluded.worker = workflow_heartbeat.worker)`;

export function claim(statements: Statements, { runId, owner, now, until }: Claim): ClaimedRun | undefined {
  const row = statements.get<RunRow>(CLAIM, [owner, until, until, owner, runId, owner, now]);
  if (!row) return undefined;
  const inbox = statements.all<InboxRow>(FIND_INBOX, [runId]);
  return { run: toRunRecord(row), inbox: toMessages(inbox) };
}

/** @returns the ids of the runs that are held still. */
export function release(statements: Statements, releases: readonly Release[]): readonly string[] {
  return releases.filter((lease) => !giveUp(statements, lease)).map(({ runId }) => runId);
}

/** @returns false if the run is held still. */
function giveUp(statements: Statements, lease: Release): boolean {
  const run = statements.get<{ status: RunStatus }>(FIND_HELD, heldParameters(lease));
  if (!run) return true;
  if (hasWaking(statements, lease.runId, run.status)) return false;
  statements.run(GIVE_UP, [lease.wakeAt ?? null, lease.runId]);
  return true;
}

/** @returns the ids of the runs that are held no longer. */
export function renew(statements: Statements, leases: readonly HeldLease[], until: number): readonly string[] {
  const lost = leases.filter((lease) => statements.run(EXTEND, [until, until, ...heldParameters(lease)]) === 0);
  return lost.map(({ runId }) => runId);
}

export function expireLeases(statements: Statements, now: number): void {
  statements.run(EXPIRE, [now, now]);
}

/** @returns the beats that were refused. */
export function heartbeat(statements: Statements, beats: readonly Heartbeat[]): readonly Heartbeat[] {
  return beats.filter(({ runId, id, attempt, worker, until, begins }) => {
    return statements.run(BEAT, [id, attempt, worker, until, runId, begins ? 1 : 0]) === 0;
  });
}

function heldParameters({ runId, owner, fence }: HeldLease) {
  return [runId, owner, fence];
}
