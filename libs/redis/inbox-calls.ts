import type { AppendResult, HookDelivery, HookDeliveryResult, InboxMessage, RunStatus } from '../core/index.js';
import { escaped, unescaped } from './escaped-text.js';
import type { ScriptCall } from './redis-connection.js';
import { messageParts } from './rows.js';
import { APPEND, DELIVER_HOOK } from './scripts/inbox.scripts.js';
import { wholeNumber } from './whole-number.js';

type Text = string | null | undefined;

export function appendCall({ runId, key, draft, receivedAt }: InboxMessage): ScriptCall {
  const { content, ...parts } = messageParts(draft);
  const at = wholeNumber('receivedAt', receivedAt);
  return {
    script: APPEND,
    told: { run: escaped(runId), key: escaped(key), receivedAt: at, ...parts },
    texts: [content],
  };
}

export function toAppendResult(reply: unknown): AppendResult {
  const [type, about] = reply as readonly [AppendResult['type'], Text];
  switch (type) {
    case 'unknown':
      return { type };
    case 'ended':
      return { type, status: about as RunStatus };
    case 'appended':
    case 'duplicate':
      return { type, ...ownerOf(about) };
  }
}

export function deliverCall({ token, payload, deliveryId, receivedAt, unlessDefined }: HookDelivery): ScriptCall {
  const at = wholeNumber('receivedAt', receivedAt);
  return {
    script: DELIVER_HOOK,
    told: { token: escaped(token), delivery: escaped(deliveryId), receivedAt: at, unlessDefined },
    texts: [JSON.stringify([payload])],
  };
}

export function toDeliveryResult(reply: unknown): HookDeliveryResult {
  const [type, run, id, owner] = reply as readonly [HookDeliveryResult['type'], Text, Text, Text];
  if (type === 'unknown') return { type };
  const hook = { runId: unescaped(run ?? ''), hookId: unescaped(id ?? '') };
  return type === 'delivered' || type === 'duplicate' ? { type, ...hook, ...ownerOf(owner) } : { type, ...hook };
}

function ownerOf(owner: Text): { owner?: string } {
  return owner == null ? {} : { owner: unescaped(owner) };
}
