import { type Commit, type CommitResult, isEnded, type NewRun, type RunUpdate } from '../../core/index.js';
import { draftColumns } from '../rows.js';
import { refusalOfHooks, writeHooks } from './commit-hooks.js';
import type { Statements } from './statements.js';
import { hasWaking, leaveNothingBehind } from './waiting-messages.js';

type Duplicate = Extract<CommitResult, { type: 'duplicate' }>;

const FIND_DUPLICATE = `
  SELECT run_id, input_digest FROM workflow_run WHERE run_id = ?
  UNION ALL
  SELECT run_id, input_digest FROM workflow_run WHERE workflow = ? AND idempotency_key = ?`;

const CREATE = `
  INSERT INTO workflow_run (run_id, workflow, version, tags, idempotency_key, input_digest, created_at,
    status, sequence, updated_at, output, error, reason, recovery_attempts, ended_at, owner, lease_until, wake_at, fence)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO NOTHING`;

const TAG = 'INSERT INTO workflow_run_tag (tag, created_at, run_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING';

/** Only the holder of a live run passes: an ended run and one that was given up have no owner. */
const IS_CURRENT = 'run_id = ? AND fence = ? AND owner = ? AND sequence = ?';

const FIND_CURRENT = `SELECT 1 FROM workflow_run WHERE ${IS_CURRENT}`;

// An index is written for every column that a statement sets, changed or not: hence one statement for each purpose.
const HOLD = `
  UPDATE workflow_run SET status = ?, sequence = ?, updated_at = ?, output = ?, error = ?, reason = ?,
    recovery_attempts = ?, lease_until = ?, wake_at = ?
  WHERE ${IS_CURRENT}`;

const RELEASE = `
  UPDATE workflow_run SET status = ?, sequence = ?, updated_at = ?, output = ?, error = ?, reason = ?,
    recovery_attempts = ?, owner = NULL, lease_until = NULL, wake_at = ?
  WHERE ${IS_CURRENT}`;

const END = `
  UPDATE workflow_run SET status = ?, sequence = ?, updated_at = ?, output = ?, error = ?, reason = ?,
    recovery_attempts = ?, owner = NULL, lease_until = NULL, wake_at = NULL, ended_at = ?
  WHERE ${IS_CURRENT}`;

/** A call of the driver costs more than a row: most commits write their events in one. */
const EVENTS_AT_ONCE = 8;

const ADD_EVENTS = Array.from({ length: EVENTS_AT_ONCE + 1 }, (_, count) => {
  const rows = Array<string>(count).fill('(?, ?, ?, ?, ?, ?, ?)').join(', ');
  return `INSERT INTO workflow_event (run_id, sequence, at, type, ref, payload, attributes) VALUES ${rows}`;
});

const DROP_COMPACTED = 'DELETE FROM workflow_event WHERE run_id = ? AND sequence >= ? AND sequence < ?';

const COMPACT = `
  UPDATE workflow_event SET type = ?, ref = ?, payload = ?, attributes = ? WHERE run_id = ? AND sequence = ?`;

const CONSUME = `
  UPDATE workflow_inbox SET consumed = TRUE, payload = NULL, attributes = NULL
  WHERE run_id = ? AND key = ? AND NOT consumed`;

const FORGET = 'DELETE FROM workflow_inbox WHERE run_id = ? AND key = ?';

type Creation = Commit & { readonly create: NewRun };
type LeaseColumns = readonly [owner: string | null, leaseUntil: number | null, wakeAt: number | null];

/** Writes a commit, or refuses it before anything is written. */
export function writeCommit(statements: Statements, commit: Commit): CommitResult {
  const refusal = refusalOf(statements, commit);
  if (refusal) return refusal;
  const lease = leaseAfter(statements, commit);
  const late = isCreation(commit) ? createRun(statements, commit, lease) : updateRun(statements, commit, lease);
  if (late) return late;

  const { runId, events, compacts = [], consumes } = commit;
  for (const event of compacts) {
    statements.run(DROP_COMPACTED, [runId, event.attributes.from, event.sequence]);
    statements.run(COMPACT, [...draftColumns(event), runId, event.sequence]);
  }
  for (let first = 0; first < events.length; first += EVENTS_AT_ONCE) {
    addEvents(statements, runId, events.slice(first, first + EVENTS_AT_ONCE));
  }
  const forgotten = new Set(commit.forgets);
  for (const key of consumes) statements.run(forgotten.has(key) ? FORGET : CONSUME, [runId, key]);
  writeHooks(statements, commit);
  if (isEnded(commit.run.status)) leaveNothingBehind(statements, runId);
  return { type: 'committed', released: lease[0] === null };
}

function addEvents(statements: Statements, runId: string, events: Commit['events']): void {
  const rows = events.flatMap((event) => [runId, event.sequence, event.at, ...draftColumns(event)]);
  statements.run(ADD_EVENTS[events.length]!, rows);
}

/** Asks first only where hooks may refuse the commit: else the one statement that changes the run refuses it. */
function refusalOf(statements: Statements, commit: Commit): CommitResult | undefined {
  if (commit.opensHooks.length === 0 && commit.expiresHooks.length === 0) return undefined;
  const refusal = isCreation(commit) ? findDuplicate(statements, commit) : refusalOfStale(statements, commit);
  return refusal ?? refusalOfHooks(statements, commit);
}

function isCreation(commit: Commit): commit is Creation {
  return commit.create !== undefined;
}

function findDuplicate(statements: Statements, { runId, create }: Creation): Duplicate | undefined {
  const parameters = [runId, create.workflow, create.idempotencyKey ?? null];
  const row = statements.get<{ run_id: string; input_digest: string | null }>(FIND_DUPLICATE, parameters);
  return row && { type: 'duplicate', runId: row.run_id, inputDigest: row.input_digest ?? undefined };
}

function refusalOfStale(statements: Statements, commit: Commit): CommitResult | undefined {
  return statements.get(FIND_CURRENT, currentParameters(commit)) ? undefined : { type: 'fenced' };
}

function leaseAfter(statements: Statements, commit: Commit): LeaseColumns {
  const { runId, run, lease, consumes } = commit;
  if (isEnded(run.status)) return [null, null, null];
  const isGivenUp =
    lease.type === 'release' && (isCreation(commit) || !hasWaking(statements, runId, run.status, consumes));
  return isGivenUp ? [null, null, lease.wakeAt ?? null] : [lease.owner, lease.until, lease.until];
}

function createRun(statements: Statements, commit: Creation, lease: LeaseColumns): CommitResult | undefined {
  const { runId, create, run, events } = commit;
  const created = statements.run(CREATE, [
    runId,
    create.workflow,
    create.version,
    JSON.stringify(create.tags),
    create.idempotencyKey ?? null,
    create.inputDigest ?? null,
    create.createdAt,
    ...changedColumns(run, events.length),
    run.endedAt ?? null,
    ...lease,
  ]);
  if (created === 0) return findDuplicate(statements, commit);
  for (const tag of create.tags) statements.run(TAG, [tag, create.createdAt, runId]);
  return undefined;
}

function updateRun(statements: Statements, commit: Commit, lease: LeaseColumns): CommitResult | undefined {
  const { run, baseSequence, events } = commit;
  const [owner, leaseUntil, wakeAt] = lease;
  const columns = changedColumns(run, baseSequence + events.length);
  const current = currentParameters(commit);
  let updated: number;
  if (isEnded(run.status)) updated = statements.run(END, [...columns, run.endedAt ?? null, ...current]);
  else if (owner === null) updated = statements.run(RELEASE, [...columns, wakeAt, ...current]);
  else updated = statements.run(HOLD, [...columns, leaseUntil, wakeAt, ...current]);
  return updated === 0 ? { type: 'fenced' } : undefined;
}

/** The columns `status` to `recovery_attempts`, as the statements above set them. */
function changedColumns(run: RunUpdate, sequence: number) {
  const { status, updatedAt, output = null, error = null, reason = null, recoveryAttempts } = run;
  return [status, sequence, updatedAt, output, error, reason, recoveryAttempts] as const;
}

function currentParameters({ runId, fence, lease, baseSequence }: Commit) {
  return [runId, fence, lease.owner, baseSequence] as const;
}
