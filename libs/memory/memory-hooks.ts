import type { HookDelivery, HookDeliveryResult, HookStatus, InboxMessage } from '../core/index.js';
import { changed, frozenCopy } from './frozen-copy.js';
import type { MemoryHook, MemoryTables } from './memory-tables.js';

const REFUSALS = { received: 'used', expired: 'expired', closed: 'closed' } as const satisfies Partial<
  Record<HookStatus, HookDeliveryResult['type']>
>;

/** Puts a payload into the inbox of the run whose hook has this token. */
export function deliver(tables: MemoryTables, delivery: HookDelivery): HookDeliveryResult {
  const hook = tables.hooksByToken.get(delivery.token);
  const run = hook && tables.runs.get(hook.record.runId);
  if (!hook || !run) return { type: 'unknown' };

  const { runId, id: hookId, status } = hook.record;
  const message = messageOf(hook, delivery);
  const isRepeated = hook.record.multiple ? run.keys.has(message.key) : hook.deliveryId === delivery.deliveryId;
  if (isRepeated) return { type: 'duplicate', runId, hookId, owner: run.record.owner };
  if (status !== 'open') return { type: REFUSALS[status], runId, hookId };

  if (!hook.record.multiple) {
    hook.record = changed(hook.record, { status: 'received' });
    hook.deliveryId = delivery.deliveryId;
  }
  tables.receive(run, message);
  return { type: 'delivered', runId, hookId, owner: run.record.owner };
}

function messageOf({ record }: MemoryHook, { deliveryId, payload, receivedAt }: HookDelivery): InboxMessage {
  return frozenCopy({
    runId: record.runId,
    key: record.multiple ? `hook:${record.id}:${deliveryId}` : `hook:${record.id}`,
    draft: { type: 'hook.received' as const, id: record.id, payload },
    receivedAt,
  });
}
