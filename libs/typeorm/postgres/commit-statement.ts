import { RowsParameter } from './rows-parameter.js';

const HELD = {
  run_id: 'text',
  fence: 'integer',
  holder: 'text',
  base: 'integer',
  status: 'text',
  sequence: 'integer',
  updated_at: 'bigint',
  output: 'text',
  error: 'text',
  reason: 'text',
  recovery_attempts: 'integer',
  lease_until: 'bigint',
  lease_alarm: 'bigint',
} as const;

/** A run as its holder changes it and keeps it. */
export const HOLDS = new RowsParameter(HELD);

/** A run as its holder changes it, and may give it up, or end it. */
const CHANGES = new RowsParameter({
  ...HELD,
  is_ended: 'boolean',
  gives_up: 'boolean',
  wake_at: 'bigint',
  ended_at: 'bigint',
});

/** A new run, as its row will be. */
export const CREATIONS = new RowsParameter({
  run_id: 'text',
  workflow: 'text',
  version: 'integer',
  tags: 'text',
  idempotency_key: 'text',
  input_digest: 'text',
  created_at: 'bigint',
  status: 'text',
  sequence: 'integer',
  updated_at: 'bigint',
  output: 'text',
  error: 'text',
  reason: 'text',
  recovery_attempts: 'integer',
  ended_at: 'bigint',
  owner: 'text',
  lease_until: 'bigint',
  wake_at: 'bigint',
});

export const EVENTS = new RowsParameter({
  run_id: 'text',
  sequence: 'integer',
  at: 'bigint',
  type: 'text',
  ref: 'text',
  payload: 'text',
  attributes: 'text',
});

/** Events that take the place of others: those from `first` on, up to their own sequence. */
export const COMPACTED = new RowsParameter({
  run_id: 'text',
  first: 'integer',
  sequence: 'integer',
  type: 'text',
  attributes: 'text',
});

export const TAGS = new RowsParameter({ tag: 'text', created_at: 'bigint', run_id: 'text' });
export const CONSUMED = new RowsParameter({ run_id: 'text', key: 'text', is_forgotten: 'boolean' });

/** Which parts the statement has. Parameters come in this order. */
export interface CommitParts {
  /** It writes one commit, whose row is plain values: that takes the server a third less time. */
  readonly isAlone: boolean;
  readonly changes: boolean;
  /** Runs end. Only with `changes`. */
  readonly ends: boolean;
  /** Runs are given up. Only with `changes`. */
  readonly releases: boolean;
  /** Only with `changes`. */
  readonly consumes: boolean;
  /** Only with `changes`. */
  readonly compaction: boolean;
  readonly creations: boolean;
  readonly tags: boolean;
}

/** Messages that a run must be activated for: one that waits for a person is woken by a person only. */
export function hasWaking(runId: string, status: string, alsoIf = 'TRUE'): string {
  return `EXISTS (
    SELECT 1 FROM workflow_inbox AS message WHERE message.run_id = ${runId} AND NOT message.consumed
      AND (${status} NOT IN ('blocked', 'paused') OR message.type IN ('workflow.resumed', 'workflow.cancel_requested'))
      AND ${alsoIf})`;
}

/** Written so that the index of owners does not serve it, which leads to all runs that a process holds. */
export function isHeldBy(owner: string): string {
  return `run.owner IS NOT DISTINCT FROM ${owner}`;
}

/** Written so that the index of open tokens does not serve it, which leads to the hooks of all runs. */
export function isOpen(hook: string): string {
  return `${hook}.status NOT IN ('received', 'expired', 'closed')`;
}

/** What the statement is told of the runs that it changes. */
export function changesOf({ ends, releases }: CommitParts): RowsParameter {
  return ends || releases ? CHANGES : HOLDS;
}

const statements = new Map<string, string>();

/**
 * The one statement that writes a batch of commits, each whole or not at all. It returns the runs that it wrote: what
 * is missing was refused.
 */
export function commitStatement(parts: CommitParts): string {
  const key = JSON.stringify(parts);
  let statement = statements.get(key);
  if (!statement) {
    statement = build(parts);
    statements.set(key, statement);
  }
  return statement;
}

function build(parts: CommitParts): string {
  let first = 1;
  const many = (rows: RowsParameter): string => {
    const sql = rows.select(first);
    first += rows.width;
    return sql;
  };
  const perRun = (rows: RowsParameter): string => {
    if (!parts.isAlone) return many(rows);
    const sql = rows.selectOne(first);
    first += rows.widthOfOne;
    return sql;
  };
  const terms = [`event AS (${many(EVENTS)})`];
  if (parts.changes) terms.push(`change AS (${perRun(changesOf(parts))})`);
  if (parts.consumes) terms.push(`consumed AS MATERIALIZED (${many(CONSUMED)})`);
  if (parts.changes) terms.push(held(parts), changed(parts));
  if (parts.consumes) terms.push(...TAKE);
  if (parts.ends) terms.push(...CLEANING);
  if (parts.compaction) terms.push(`compacted AS (${many(COMPACTED)})`, ...COMPACT);
  if (parts.creations) terms.push(`creation AS (${perRun(CREATIONS)})`, CREATE);
  if (parts.tags) terms.push(`tag AS (${many(TAGS)})`, ADD_TAGS);
  const sources = [...(parts.changes ? ['changed'] : []), ...(parts.creations ? ['created'] : [])];
  const all = sources.map((source) => `SELECT run_id, is_freed FROM ${source}`).join(' UNION ALL ');
  if (parts.isAlone) return `WITH ${[...terms, addEvents(`EXISTS (${all})`)].join(', ')} ${all}`;
  terms.push(`written AS (${all})`, addEvents(isAmong('event', 'written')));
  return `WITH ${terms.join(', ')} SELECT run_id, is_freed FROM written`;
}

/** As a condition of its own, and not as a join, PostgreSQL looks the runs up in a hash table. */
function isAmong(rows: string, runs: string): string {
  return `(${rows}.run_id IN (SELECT run_id FROM ${runs})) IS TRUE`;
}

/** The writer still holds the run. */
const IS_CURRENT = `run.run_id = held.run_id AND run.fence = held.fence AND ${isHeldBy('held.holder')}
    AND run.sequence = held.base`;

/**
 * What becomes of the leases. In the order of the ids, in which the update finds the runs, and locks them: two batches
 * never wait for each other.
 */
function held({ isAlone, ends, releases, consumes }: CommitParts): string {
  const isOther = '(message.run_id, message.key) NOT IN (SELECT run_id, key FROM consumed)';
  const hasMail = hasWaking('change.run_id', 'change.status', consumes ? isOther : 'TRUE');
  const isFreed = [
    ...(ends ? ['change.is_ended'] : []),
    ...(releases ? [`(change.gives_up AND NOT ${hasMail})`] : []),
  ].join(' OR ');
  const select = `SELECT change.*, ${isFreed || 'FALSE'} AS is_freed FROM change`;
  // What it takes to look for messages is done once.
  if (isAlone) return `held AS ${releases ? 'MATERIALIZED ' : ''}(${select})`;
  return `held AS MATERIALIZED (${select} ORDER BY change.run_id)`;
}

const PROJECTED = `status = held.status, sequence = held.sequence, updated_at = held.updated_at, output = held.output,
  error = held.error, reason = held.reason, recovery_attempts = held.recovery_attempts`;

const HOLD = 'lease_until = held.lease_until, wake_at = held.lease_alarm';

const LET_GO = `owner = CASE WHEN held.is_freed THEN NULL ELSE run.owner END,
    lease_until = CASE WHEN held.is_freed THEN NULL ELSE held.lease_until END,
    wake_at = CASE WHEN held.is_ended THEN NULL WHEN held.is_freed THEN held.wake_at ELSE held.lease_alarm END,
    ended_at = CASE WHEN held.is_ended THEN held.ended_at ELSE run.ended_at END`;

/** If it has to wait for a lock, PostgreSQL compares the fence again with what the other has left. */
function changed({ ends, releases }: CommitParts): string {
  return `changed AS (
  UPDATE workflow_run AS run SET ${PROJECTED}, ${ends || releases ? LET_GO : HOLD}
  FROM held WHERE ${IS_CURRENT}
  RETURNING run.run_id, held.is_freed${ends ? ', held.is_ended' : ''})`;
}

/** A row that stays for its key is a new version in all indexes; one that goes is none. */
const TAKE = [
  `taken AS (
    UPDATE workflow_inbox AS message SET consumed = TRUE, payload = NULL, attributes = NULL FROM consumed
    WHERE message.run_id = consumed.run_id AND message.key = consumed.key AND NOT message.consumed
      AND NOT consumed.is_forgotten AND ${isAmong('consumed', 'changed')})`,
  `forgotten_keys AS (
    DELETE FROM workflow_inbox AS message USING consumed
    WHERE message.run_id = consumed.run_id AND message.key = consumed.key
      AND consumed.is_forgotten AND ${isAmong('consumed', 'changed')})`,
];

/** An ended run has no use for messages, heartbeats and open hooks. Its keys are not among the consumed ones. */
const CLEANING = [
  'ended AS (SELECT run_id FROM changed WHERE is_ended)',
  'forgotten AS (DELETE FROM workflow_inbox AS message USING ended WHERE message.run_id = ended.run_id)',
  'silenced AS (DELETE FROM workflow_heartbeat AS beat USING ended WHERE beat.run_id = ended.run_id)',
  `closed AS (
    UPDATE workflow_hook AS hook SET status = 'closed' FROM ended
    WHERE hook.run_id = ended.run_id AND ${isOpen('hook')})`,
];

/** Only the holder of a run touches its events, so nobody else waits for these rows. */
const COMPACT = [
  `replaced AS (
    UPDATE workflow_event AS event SET type = compacted.type, ref = NULL, payload = NULL, attributes = compacted.attributes
    FROM compacted JOIN changed ON changed.run_id = compacted.run_id
    WHERE event.run_id = compacted.run_id AND event.sequence = compacted.sequence)`,
  `dropped AS (
    DELETE FROM workflow_event AS event USING compacted JOIN changed ON changed.run_id = compacted.run_id
    WHERE event.run_id = compacted.run_id AND event.sequence >= compacted.first AND event.sequence < compacted.sequence)`,
];

/** In one order for all, so that two batches with the same keys do not wait for each other. */
const CREATE = `created AS (
  INSERT INTO workflow_run (run_id, workflow, version, tags, idempotency_key, input_digest, created_at, status, sequence,
    updated_at, output, error, reason, recovery_attempts, ended_at, owner, lease_until, wake_at, fence)
  SELECT run_id, workflow, version, tags, idempotency_key, input_digest, created_at, status, sequence,
    updated_at, output, error, reason, recovery_attempts, ended_at, owner, lease_until, wake_at, 1
  FROM creation ORDER BY idempotency_key, run_id
  ON CONFLICT DO NOTHING RETURNING run_id, owner IS NULL AS is_freed)`;

const ADD_TAGS = `tagged AS (
  INSERT INTO workflow_run_tag (tag, created_at, run_id)
  SELECT tag.tag, tag.created_at, tag.run_id FROM tag JOIN created ON created.run_id = tag.run_id
  ON CONFLICT DO NOTHING)`;

function addEvents(isWritten: string): string {
  return `added AS (
  INSERT INTO workflow_event (run_id, sequence, at, type, ref, payload, attributes)
  SELECT run_id, sequence, at, type, ref, payload, attributes FROM event WHERE ${isWritten})`;
}
