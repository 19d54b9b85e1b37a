import {
  type AppendResult,
  type HookDelivery,
  type HookDeliveryResult,
  type HookStatus,
  type InboxMessage,
  isEnded,
} from '../core/index.js';
import { changed, frozenCopy } from './frozen-copy.js';
import type { Decision, HookRow } from './run-change.js';
import type { RunTables } from './run-tables.js';

const REFUSALS = { received: 'used', expired: 'expired', closed: 'closed' } as const satisfies Partial<
  Record<HookStatus, HookDeliveryResult['type']>
>;

/** Whether a run takes a message. */
export function decideAppend(tables: RunTables, message: InboxMessage): Decision<AppendResult> {
  const { runId } = message;
  const run = tables.runs.get(runId);
  if (!run) return { result: { type: 'unknown' } };
  const { status, owner } = run.record;
  if (isEnded(status)) return { result: { type: 'ended', status } };
  if (run.keys.has(message.key)) return { result: { type: 'duplicate', owner } };
  return { result: { type: 'appended', owner }, change: { runId, received: frozenCopy(message) } };
}

/** Whether the hook that has this token takes a payload. */
export function decideDelivery(tables: RunTables, delivery: HookDelivery): Decision<HookDeliveryResult> {
  const hook = tables.hookOf(delivery.token);
  if (!hook) return { result: { type: 'unknown' } };
  const { runId, id: hookId, status, multiple, defined } = hook.record;
  if (delivery.unlessDefined && defined) return { result: { type: 'defined', runId, hookId } };
  const run = tables.runs.get(runId);
  const owner = run?.record.owner;
  const received = messageOf(hook, delivery);
  const isRepeated = multiple ? run?.keys.has(received.key) : hook.deliveryId === delivery.deliveryId;
  if (isRepeated) return { result: { type: 'duplicate', runId, hookId, owner } };
  if (status !== 'open') return { result: { type: REFUSALS[status], runId, hookId } };
  const settled = { record: changed(hook.record, { status: 'received' }), deliveryId: delivery.deliveryId };
  const change = { runId, received, ...(multiple ? undefined : { hooks: [settled] }) };
  const isNews = run !== undefined && owner !== undefined && run.inbox.size === 0;
  const news = isNews ? { fence: run.record.fence, message: received } : undefined;
  return { result: { type: 'delivered', runId, hookId, owner, ...(news && { news }) }, change };
}

function messageOf({ record }: HookRow, { deliveryId, payload, receivedAt }: HookDelivery): InboxMessage {
  return frozenCopy({
    runId: record.runId,
    key: record.multiple ? `hook:${record.id}:${deliveryId}` : `hook:${record.id}`,
    draft: { type: 'hook.received' as const, id: record.id, payload },
    receivedAt,
  });
}
