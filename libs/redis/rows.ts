import type {
  Heartbeat,
  HistoryEvent,
  HookRecord,
  HookStatus,
  InboxDraft,
  InboxMessage,
  RunRecord,
  RunStatus,
  RunUpdate,
} from '../core/index.js';
import { escaped, unescaped } from './escaped-text.js';

/** What stays as it was when the run was created. */
export type RunHead = Pick<RunRecord, 'workflow' | 'version' | 'tags' | 'idempotencyKey' | 'inputDigest' | 'createdAt'>;
type RunBody = Omit<RunUpdate, 'status' | 'recoveryAttempts'>;

/** The values of `RUN_FIELDS`. */
export type RunRow = readonly (string | null)[];

/** JSON, so that text of any content comes back as it was. */
export function toEventRow(event: HistoryEvent): string {
  const { ref, content } = draftParts(event);
  return JSON.stringify([event.at, event.type, ref, ...content]);
}

export function toEvent(row: string, sequence: number): HistoryEvent {
  const [at, type, id, payload, attributes] = JSON.parse(row) as readonly [number, string, string | null, ...unknown[]];
  return { sequence, at, ...draftOf(type, id ?? undefined, [payload, attributes]) } as HistoryEvent;
}

/** Undefined if there is no such run. */
export function toRunRecord(runId: string, row: RunRow): RunRecord | undefined {
  const [head, body, status, sequence, fence, recovery, owner, at] = row;
  if (!head || !body) return undefined;
  const time = at ? Number(at) : undefined;
  return {
    runId,
    ...(JSON.parse(head) as RunHead),
    ...(JSON.parse(body) as RunBody),
    status: status as RunStatus,
    sequence: Number(sequence),
    fence: Number(fence),
    recoveryAttempts: Number(recovery),
    ...(owner != null && { owner: unescaped(owner), leaseUntil: time }),
    ...(time !== undefined && { wakeAt: time }),
  };
}

/** What the script is told of a message, and the text beside it. */
export function messageParts(draft: InboxDraft): { type: string; ref: string; content: string } {
  const { ref, content } = draftParts(draft);
  return { type: draft.type, ref: ref === null ? '' : `=${escaped(ref)}`, content: JSON.stringify(content) };
}

/** The messages of an inbox, as HGETALL returns it, the oldest first. */
export function toMessages(runId: string, fields: readonly string[]): readonly InboxMessage[] {
  return entriesOf(fields)
    .map(([key, row]) => {
      const [number, receivedAt, type = '', ref = '', content = ''] = linesOf(row, 5);
      const id = ref === '' ? undefined : unescaped(ref.slice(1));
      const draft = draftOf(type, id, JSON.parse(content) as readonly unknown[]) as InboxDraft;
      return { number: Number(number), message: { runId, key: unescaped(key), draft, receivedAt: Number(receivedAt) } };
    })
    .sort((one, other) => one.number - other.number)
    .map(({ message }) => message);
}

export function toHookRecord(runId: string, id: string, row: string): HookRecord {
  const [, status, multiple, , details = ''] = linesOf(row, 5);
  const known = JSON.parse(details) as Pick<HookRecord, 'token' | 'createdAt' | 'expiresAt' | 'defined'>;
  return { runId, id, ...known, status: status as HookStatus, multiple: multiple === '1' };
}

/** The hooks of a run, as HGETALL returns them, in the order of creation. */
export function toHookRecords(runId: string, fields: readonly string[]): readonly HookRecord[] {
  return entriesOf(fields)
    .sort(([, one], [, other]) => Number.parseInt(one) - Number.parseInt(other))
    .map(([id, row]) => toHookRecord(runId, unescaped(id), row));
}

export function toHeartbeat(runId: string, id: string, row: string): Heartbeat {
  const [attempt, until, worker = ''] = linesOf(row, 3);
  return { runId, id, attempt: Number(attempt), worker: unescaped(worker), until: Number(until) };
}

/** Not as an object: a field may be named `__proto__`. */
export function entriesOf(fields: readonly string[]): [field: string, value: string][] {
  const entries: [string, string][] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) entries.push([fields[index]!, fields[index + 1]!]);
  return entries;
}

/** The first lines of a row; the last one is all that is left. */
function linesOf(row: string, count: number): readonly string[] {
  const lines = row.split('\n', count - 1);
  const length = lines.reduce((sum, line) => sum + line.length + 1, 0);
  return [...lines, row.slice(length)];
}

interface DraftParts {
  readonly ref: string | null;
  readonly content: readonly unknown[];
}

function draftParts(draft: InboxDraft | HistoryEvent): DraftParts {
  const payload = 'payload' in draft ? draft.payload : null;
  const attributes = 'attributes' in draft ? draft.attributes : undefined;
  return {
    ref: 'id' in draft ? draft.id : null,
    content: attributes === undefined ? [payload] : [payload, attributes],
  };
}

/** Only the store writes these rows, so what it reads is a draft as it was written. */
function draftOf(type: string, id: string | undefined, [payload, attributes]: readonly unknown[]): object {
  return {
    type,
    ...(id !== undefined && { id }),
    ...(payload !== null && { payload }),
    ...(attributes !== undefined && { attributes }),
  };
}
