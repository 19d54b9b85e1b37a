import { callKey, type Claim, type Heartbeat, type HeldLease, type Release, type RunRecord } from '../../core/index.js';
import { RUN_COLUMNS, type RunRow, toRunRecord } from '../rows.js';
import { hasWaking, isHeldBy } from './commit-statement.js';
import { leaseAlarm } from './lease-alarm.js';
import type { PostgresDatabase } from './postgres-database.js';
import { RowsParameter } from './rows-parameter.js';
import { tidyEnded } from './tidy-ended.js';

type Query = PostgresDatabase['query'];

const LIVE = `status IN ('pending', 'running', 'suspended', 'blocked', 'paused')`;

const CLAIMS = new RowsParameter({
  run_id: 'text',
  owner: 'text',
  lease_until: 'bigint',
  wake_at: 'bigint',
  now: 'bigint',
});

// A lease that is old but nobody's has no owner; an ended run has none either, and must not be taken.
const CLAIM = `
  WITH asked AS (${CLAIMS.select()}),
  free AS MATERIALIZED (
    SELECT asked.* FROM asked JOIN workflow_run AS run ON run.run_id = asked.run_id AND run.${LIVE}
      AND (run.owner IS NULL OR run.owner = asked.owner OR run.lease_until <= asked.now)
    ORDER BY asked.run_id FOR NO KEY UPDATE OF run)
  UPDATE workflow_run AS run SET owner = free.owner, lease_until = free.lease_until, wake_at = free.wake_at,
    fence = run.fence + 1,
    recovery_attempts = run.recovery_attempts
      + CASE WHEN run.status = 'running' AND run.owner IS NOT NULL AND run.owner <> free.owner THEN 1 ELSE 0 END,
    status = CASE WHEN run.status IN ('blocked', 'paused') THEN run.status ELSE 'running' END
  FROM free WHERE run.run_id = free.run_id
  RETURNING ${RUN_COLUMNS.map((column) => `run.${column}`).join(', ')}`;

const LEASES = new RowsParameter({ run_id: 'text', owner: 'text', fence: 'integer', wake_at: 'bigint' });

/** Locks rows in the order of their ids, as commits do, so that nobody waits for each other. */
const held = (columns: string): string => `
  asked AS (${LEASES.select()}),
  held AS MATERIALIZED (
    SELECT ${columns} FROM asked JOIN workflow_run AS run
      ON run.run_id = asked.run_id AND ${isHeldBy('asked.owner')} AND run.fence = asked.fence
    ORDER BY asked.run_id FOR NO KEY UPDATE OF run)`;

const RELEASE = `
  WITH ${held(`asked.run_id, asked.wake_at, ${hasWaking('run.run_id', 'run.status')} AS has_mail`)},
  freed AS (
    UPDATE workflow_run AS run SET owner = NULL, lease_until = NULL, wake_at = held.wake_at
    FROM held WHERE run.run_id = held.run_id AND NOT held.has_mail)
  SELECT run_id FROM held WHERE has_mail`;

const EXTENSION = LEASES.width + 1;

const RENEW = `
  WITH ${held('asked.run_id, asked.fence')}
  UPDATE workflow_run AS run SET lease_until = $${EXTENSION}, wake_at = $${EXTENSION + 1}
  FROM held WHERE run.run_id = held.run_id RETURNING run.run_id, run.fence`;

const EXPIRE = `
  WITH held AS MATERIALIZED (
    SELECT run_id FROM workflow_run WHERE owner IS NOT NULL ORDER BY run_id FOR NO KEY UPDATE)
  UPDATE workflow_run AS run SET lease_until = $1, wake_at = $2 FROM held WHERE run.run_id = held.run_id`;

const BEATS = new RowsParameter({ run_id: 'text', id: 'text', attempt: 'integer', worker: 'text', until: 'bigint' });

// A beat that comes after the end would stay for ever. None is worth waiting for the disk: a server that loses the last
// ones in a crash makes attempts look as if they had not begun, and they begin again under the same idempotency key.
// What is committed after a beat makes it durable, too.
const beat = (isLater: string): string => `
  WITH beat AS (${BEATS.select()})
  INSERT INTO workflow_heartbeat (run_id, id, attempt, worker, until)
  SELECT beat.run_id, beat.id, beat.attempt, beat.worker, beat.until
  FROM beat JOIN workflow_run AS run ON run.run_id = beat.run_id
    CROSS JOIN (SELECT set_config('synchronous_commit', 'off', true)) AS unhurried
  WHERE run.${LIVE} ORDER BY beat.run_id, beat.id
  ON CONFLICT (run_id, id)
  DO UPDATE SET attempt = excluded.attempt, worker = excluded.worker, until = excluded.until
  WHERE ${isLater}
  RETURNING run_id, id`;

const BEGIN = beat('excluded.attempt > workflow_heartbeat.attempt');
// What is there may be this very beat, whose answer was lost.
const BEGIN_AGAIN = beat(`excluded.attempt > workflow_heartbeat.attempt
    OR (excluded.attempt, excluded.worker, excluded.until)
      = (workflow_heartbeat.attempt, workflow_heartbeat.worker, workflow_heartbeat.until)`);
const GO_ON = beat(`excluded.attempt > workflow_heartbeat.attempt
    OR (excluded.attempt = workflow_heartbeat.attempt AND excluded.worker = workflow_heartbeat.worker)`);

/** Whether a run could be taken, and then its row. */
export interface Taken {
  readonly run: RunRecord | undefined;
}

/** Takes the leases of different runs, of those that can be taken. */
export async function claimAll(query: Query, claims: readonly Claim[]): Promise<readonly Taken[]> {
  const asked = claims.map(({ runId, owner, now, until }) => [runId, owner, until, leaseAlarm(until), now]);
  const rows = await query<RunRow>(CLAIM, CLAIMS.values(asked));
  const taken = new Map(rows.map((row) => [row.run_id, toRunRecord(row)]));
  return claims.map(({ runId }) => ({ run: taken.get(runId) }));
}

/** @returns the ids of the runs that are held still. */
export async function release(query: Query, releases: readonly Release[]): Promise<readonly string[]> {
  const asked = releases.map(({ runId, owner, fence, wakeAt = null }) => [runId, owner, fence, wakeAt]);
  const rows = await query<{ run_id: string }>(RELEASE, LEASES.values(asked));
  return rows.map(({ run_id }) => run_id);
}

/** @returns the ids of the runs that are held no longer. */
export async function renew(query: Query, leases: readonly HeldLease[], until: number): Promise<readonly string[]> {
  const asked = leases.map(({ runId, owner, fence }) => [runId, owner, fence, null]);
  const parameters = [...LEASES.values(asked), until, leaseAlarm(until)];
  const rows = await query<{ run_id: string; fence: number }>(RENEW, parameters);
  const renewed = new Map(rows.map(({ run_id, fence }) => [run_id, fence]));
  return leases.filter(({ runId, fence }) => renewed.get(runId) !== fence).map(({ runId }) => runId);
}

export async function expireLeases(query: Query, now: number): Promise<void> {
  await query(EXPIRE, [now, leaseAlarm(now)]);
}

/**
 * @param isRepeated they were handed in before, and nobody knows whether they were written
 * @returns the beats that were refused
 */
export async function heartbeat(
  query: Query,
  beats: readonly Heartbeat[],
  isRepeated: boolean,
): Promise<readonly Heartbeat[]> {
  const beginning = await write(
    query,
    isRepeated ? BEGIN_AGAIN : BEGIN,
    beats.filter(({ begins }) => begins),
  );
  const goingOn = await write(
    query,
    GO_ON,
    beats.filter(({ begins }) => !begins),
  );
  await tidyEnded(
    query,
    goingOn.map(({ runId }) => runId),
  );
  return [...beginning, ...goingOn];
}

async function write(query: Query, statement: string, beats: readonly Heartbeat[]): Promise<readonly Heartbeat[]> {
  if (beats.length === 0) return [];
  const sent = latest(beats);
  const values = BEATS.values([...sent.values()].map((beat) => [beat.runId, beat.id, ...beatColumns(beat)]));
  const rows = await query<{ readonly run_id: string; readonly id: string }>(statement, values);
  const taken = new Set(rows.map(({ run_id, id }) => callKey(run_id, id)));
  return beats.filter(({ runId, id, attempt, worker }) => {
    const key = callKey(runId, id);
    const written = sent.get(key)!;
    return !taken.has(key) || written.attempt !== attempt || written.worker !== worker;
  });
}

function beatColumns({ attempt, worker, until }: Heartbeat) {
  return [attempt, worker, until] as const;
}

/** One for each step call, as if they had come one after another: a statement can write a row only once. */
function latest(beats: readonly Heartbeat[]): ReadonlyMap<string, Heartbeat> {
  const byCall = new Map<string, Heartbeat>();
  for (const beat of beats) {
    const key = callKey(beat.runId, beat.id);
    const other = byCall.get(key);
    if (!other || beat.attempt >= other.attempt) byCall.set(key, beat);
  }
  return byCall;
}
