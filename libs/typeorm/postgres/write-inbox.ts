import {
  type AppendResult,
  type HookDelivery,
  type HookDeliveryResult,
  type HookStatus,
  type InboxMessage,
  type InboxNews,
  isEnded,
  type RunStatus,
} from '../../core/index.js';
import { draftColumns } from '../rows.js';
import { isOpen } from './commit-statement.js';
import type { PostgresDatabase } from './postgres-database.js';
import { RowsParameter } from './rows-parameter.js';
import { tidyEnded } from './tidy-ended.js';

type Query = PostgresDatabase['query'];

const MESSAGES = new RowsParameter({
  run_id: 'text',
  key: 'text',
  received_at: 'bigint',
  type: 'text',
  ref: 'text',
  payload: 'text',
  attributes: 'text',
  ordinal: 'integer',
});

/** Reads the run's row without a lock: whoever commits to the run does not wait for its mail. */
const APPEND = `
  WITH message AS (${MESSAGES.select()}),
  addressed AS MATERIALIZED (
    SELECT message.*, run.status, run.owner FROM message JOIN workflow_run AS run ON run.run_id = message.run_id),
  appended AS (
    INSERT INTO workflow_inbox (run_id, key, received_at, type, ref, payload, attributes, consumed)
    SELECT run_id, key, received_at, type, ref, payload, attributes, FALSE FROM addressed
    WHERE status IN ('pending', 'running', 'suspended', 'blocked', 'paused') ORDER BY ordinal
    ON CONFLICT (run_id, key) DO NOTHING RETURNING run_id, key)
  SELECT addressed.ordinal, addressed.status, addressed.owner, appended.key IS NOT NULL AS is_appended
  FROM addressed LEFT JOIN appended ON appended.run_id = addressed.run_id AND appended.key = addressed.key`;

interface AppendedRow {
  readonly ordinal: number;
  readonly status: RunStatus;
  readonly owner: string | null;
  readonly is_appended: boolean;
}

/** Puts messages with different keys into the inboxes of their runs. */
export async function appendAll(query: Query, messages: readonly InboxMessage[]): Promise<readonly AppendResult[]> {
  const rows = await query<AppendedRow>(
    APPEND,
    MESSAGES.values(
      messages.map(({ runId, key, draft, receivedAt }, ordinal) => [
        ...[runId, key, receivedAt, ...draftColumns(draft)],
        ordinal,
      ]),
    ),
  );
  const results: AppendResult[] = messages.map(() => ({ type: 'unknown' }));
  for (const { ordinal, status, owner, is_appended } of rows) {
    results[ordinal] = isEnded(status)
      ? { type: 'ended', status }
      : { type: is_appended ? 'appended' : 'duplicate', owner: owner ?? undefined };
  }
  // Such as the heartbeat of the very attempt whose outcome comes too late.
  await tidyEnded(
    query,
    messages.flatMap(({ runId }, index) => (results[index]?.type === 'ended' ? [runId] : [])),
  );
  return results;
}

/**
 * A hook of one payload is settled by whoever changes its row first. Who comes second waits for that, finds nothing
 * to settle, and looks again. Parameters: token, delivery, received at, payload, unless it is defined.
 */
const DELIVER = `
  WITH hook AS MATERIALIZED (
    SELECT hook.*, run.owner, run.fence,
      CASE WHEN multiple THEN 'hook:' || id || ':' || $2::text ELSE 'hook:' || id END AS key,
      $5::boolean AND COALESCE(defined, FALSE) AS is_withheld
    FROM (
      SELECT * FROM workflow_hook WHERE token = $1
      ORDER BY CASE WHEN status = 'open' THEN 0 ELSE 1 END, position DESC LIMIT 1
    ) AS hook JOIN workflow_run AS run ON run.run_id = hook.run_id),
  settled AS (
    UPDATE workflow_hook AS target SET status = 'received', delivery_id = $2 FROM hook
    WHERE target.position = hook.position AND ${isOpen('target')} AND NOT target.multiple AND NOT hook.is_withheld
    RETURNING target.position),
  received AS (
    INSERT INTO workflow_inbox (run_id, key, received_at, type, ref, payload, consumed)
    SELECT run_id, key, $3::bigint, 'hook.received', id, $4::text, FALSE FROM hook
    WHERE NOT is_withheld AND status = 'open' AND (multiple OR EXISTS (SELECT 1 FROM settled))
    ON CONFLICT (run_id, key) DO NOTHING RETURNING 1)
  SELECT hook.run_id, hook.id, hook.status, hook.owner, hook.fence, hook.key, hook.is_withheld,
    CASE WHEN multiple
      THEN EXISTS (SELECT 1 FROM workflow_inbox AS had WHERE had.run_id = hook.run_id AND had.key = hook.key)
      ELSE COALESCE(hook.delivery_id = $2, FALSE) END AS is_repeated,
    EXISTS (SELECT 1 FROM received) AS is_received,
    NOT EXISTS (SELECT 1 FROM workflow_inbox AS other WHERE other.run_id = hook.run_id AND NOT other.consumed) AS is_first
  FROM hook`;

const REFUSALS = { received: 'used', expired: 'expired', closed: 'closed' } as const;

interface DeliveredRow {
  readonly run_id: string;
  readonly id: string;
  readonly status: HookStatus;
  readonly owner: string | null;
  readonly fence: number;
  /** Of the message. */
  readonly key: string;
  /** It has a definition, which the payload was not held to. */
  readonly is_withheld: boolean;
  /** It has had this delivery before. */
  readonly is_repeated: boolean;
  readonly is_received: boolean;
  /** Nothing else waited in the inbox. */
  readonly is_first: boolean;
}

/** Puts a payload into the inbox of the run whose hook has this token, and settles a hook of one payload. */
export async function deliverHook(query: Query, delivery: HookDelivery): Promise<HookDeliveryResult> {
  const { token, deliveryId, receivedAt, payload, unlessDefined = false } = delivery;
  const parameters = [token, deliveryId, receivedAt, payload, unlessDefined];
  for (;;) {
    const [row] = await query<DeliveredRow>(DELIVER, parameters);
    if (!row) return { type: 'unknown' };
    const delivered = { runId: row.run_id, hookId: row.id };
    if (row.is_withheld) return { type: 'defined', ...delivered };
    const owner = row.owner ?? undefined;
    if (row.is_received) return { type: 'delivered', ...delivered, owner, ...newsOf(row, delivery) };
    if (row.is_repeated) return { type: 'duplicate', ...delivered, owner };
    if (row.status !== 'open') return { type: REFUSALS[row.status], ...delivered };
  }
}

function newsOf(row: DeliveredRow, { payload, receivedAt }: HookDelivery): { news?: InboxNews } {
  if (row.owner === null || !row.is_first) return {};
  const draft = { type: 'hook.received', id: row.id, payload } as const;
  return { news: { fence: row.fence, message: { runId: row.run_id, key: row.key, draft, receivedAt } } };
}
