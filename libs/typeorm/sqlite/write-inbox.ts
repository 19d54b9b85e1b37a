import {
  type AppendResult,
  type HookDelivery,
  type HookDeliveryResult,
  type InboxDraft,
  type InboxMessage,
  isEnded,
  type RunStatus,
} from '../../core/index.js';
import { FIND_HOOK_BY_TOKEN } from '../reading-sql.js';
import { draftColumns, type HookRow } from '../rows.js';
import type { Statements } from './statements.js';

const FIND_RUN = 'SELECT status, owner FROM workflow_run WHERE run_id = ?';

const RECEIVE = `
  INSERT INTO workflow_inbox (run_id, key, received_at, type, ref, payload, attributes, consumed)
  VALUES (?, ?, ?, ?, ?, ?, ?, FALSE) ON CONFLICT DO NOTHING`;

const HAS_KEY = 'SELECT 1 FROM workflow_inbox WHERE run_id = ? AND key = ?';

const SETTLE_HOOK = `
  UPDATE workflow_hook SET status = 'received', delivery_id = ? WHERE run_id = ? AND id = ?`;

const REFUSALS = { received: 'used', expired: 'expired', closed: 'closed' } as const;

interface RunState {
  readonly status: RunStatus;
  readonly owner: string | null;
}

type DeliverableRow = HookRow & { readonly delivery_id: string | null };

/** Puts a message into a run's inbox. */
export function append(statements: Statements, message: InboxMessage): AppendResult {
  const run = statements.get<RunState>(FIND_RUN, [message.runId]);
  if (!run) return { type: 'unknown' };
  if (isEnded(run.status)) return { type: 'ended', status: run.status };
  return { type: receive(statements, message) ? 'appended' : 'duplicate', owner: run.owner ?? undefined };
}

/** Puts a payload into the inbox of the run whose hook has this token, and settles a hook of one payload. */
export function deliverHook(statements: Statements, delivery: HookDelivery): HookDeliveryResult {
  const hook = statements.get<DeliverableRow>(FIND_HOOK_BY_TOKEN, [delivery.token]);
  const run = hook && statements.get<RunState>(FIND_RUN, [hook.run_id]);
  if (!hook || !run) return { type: 'unknown' };

  const delivered = { runId: hook.run_id, hookId: hook.id };
  if (delivery.unlessDefined && hook.defined) return { type: 'defined', ...delivered };
  const owner = run.owner ?? undefined;
  if (isRepeated(statements, hook, delivery)) return { type: 'duplicate', ...delivered, owner };
  if (hook.status !== 'open') return { type: REFUSALS[hook.status], ...delivered };

  if (!hook.multiple) statements.run(SETTLE_HOOK, [delivery.deliveryId, hook.run_id, hook.id]);
  const draft: InboxDraft = { type: 'hook.received', id: hook.id, payload: delivery.payload };
  receive(statements, { runId: hook.run_id, key: keyOf(hook, delivery), draft, receivedAt: delivery.receivedAt });
  return { type: 'delivered', ...delivered, owner };
}

/** @returns false if the run has had a message with this key. */
function receive(statements: Statements, { runId, key, draft, receivedAt }: InboxMessage): boolean {
  return statements.run(RECEIVE, [runId, key, receivedAt, ...draftColumns(draft)]) > 0;
}

function isRepeated(statements: Statements, hook: DeliverableRow, delivery: HookDelivery): boolean {
  if (!hook.multiple) return hook.delivery_id === delivery.deliveryId;
  return statements.get(HAS_KEY, [hook.run_id, keyOf(hook, delivery)]) !== undefined;
}

function keyOf(hook: DeliverableRow, { deliveryId }: HookDelivery): string {
  return hook.multiple ? `hook:${hook.id}:${deliveryId}` : `hook:${hook.id}`;
}
