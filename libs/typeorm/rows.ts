import {
  eventType,
  type Heartbeat,
  type HistoryEvent,
  type HookRecord,
  type HookStatus,
  type InboxDraft,
  type InboxMessage,
  type ProcessRecord,
  type RunRecord,
  type RunStatus,
} from '../core/index.js';

// Named one by one: a statement that a running process has prepared must not change its result when a migration adds a column.
export const RUN_COLUMNS = [
  'run_id',
  'workflow',
  'version',
  'status',
  'tags',
  'idempotency_key',
  'input_digest',
  'sequence',
  'created_at',
  'updated_at',
  'ended_at',
  'output',
  'error',
  'reason',
  'fence',
  'owner',
  'lease_until',
  'wake_at',
  'recovery_attempts',
] as const satisfies readonly (keyof RunRow)[];

export interface RunRow {
  readonly run_id: string;
  readonly workflow: string;
  readonly version: number;
  readonly status: RunStatus;
  /** A JSON array of text. */
  readonly tags: string;
  readonly idempotency_key: string | null;
  readonly input_digest: string | null;
  readonly sequence: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly ended_at: number | null;
  readonly output: string | null;
  readonly error: string | null;
  readonly reason: string | null;
  readonly fence: number;
  readonly owner: string | null;
  readonly lease_until: number | null;
  /** Of a held run maybe earlier than the end of its lease, for the sake of an index. */
  readonly wake_at: number | null;
  readonly recovery_attempts: number;
}

/** What events and messages have in common: a draft of an event, in columns. */
interface DraftColumns {
  readonly type: string;
  readonly ref: string | null;
  readonly payload: string | null;
  /** JSON. */
  readonly attributes: string | null;
}

export interface EventRow extends DraftColumns {
  readonly sequence: number;
  readonly at: number;
}

export interface InboxRow extends DraftColumns {
  readonly run_id: string;
  readonly key: string;
  readonly received_at: number;
}

export interface HookRow {
  readonly run_id: string;
  readonly id: string;
  readonly token: string;
  readonly status: HookStatus;
  /** SQLite has no booleans. */
  readonly multiple: boolean | 0 | 1;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly defined: boolean | 0 | 1 | null;
}

export interface HeartbeatRow {
  readonly run_id: string;
  readonly id: string;
  readonly attempt: number;
  readonly worker: string;
  readonly until: number;
}

export interface ProcessRow {
  readonly owner: string;
  readonly role: string;
  /** A JSON array of text, like `steps`. */
  readonly workflows: string;
  readonly steps: string;
  readonly until: number;
}

export function toRunRecord(row: RunRow): RunRecord {
  return withoutNulls({
    runId: row.run_id,
    workflow: row.workflow,
    version: row.version,
    status: row.status,
    tags: JSON.parse(row.tags) as string[],
    idempotencyKey: row.idempotency_key,
    inputDigest: row.input_digest,
    sequence: row.sequence,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    endedAt: row.ended_at,
    output: row.output,
    error: row.error,
    reason: row.reason,
    fence: row.fence,
    owner: row.owner,
    leaseUntil: row.lease_until,
    wakeAt: row.owner === null ? row.wake_at : row.lease_until,
    recoveryAttempts: row.recovery_attempts,
  });
}

export function toEvent({ sequence, at, type, ref, payload, attributes }: EventRow): HistoryEvent {
  return eventOf([sequence, at, type, ref, payload, attributes === null ? null : JSON.parse(attributes)]);
}

/** The columns of an event, with its attributes read. */
export type EventColumns = readonly [
  sequence: number,
  at: number,
  type: string,
  ref: string | null,
  payload: string | null,
  attributes: unknown,
];

/** Each property by itself, and each column by its index, since a replay makes thousands of them before V8 has compiled it. */
export function eventOf(columns: EventColumns): HistoryEvent {
  const ref = columns[3];
  const payload = columns[4];
  const attributes = columns[5];
  const event: Record<string, unknown> = { sequence: columns[0], at: columns[1], type: eventType(columns[2]) };
  if (ref !== null) event['id'] = ref;
  if (payload !== null) event['payload'] = payload;
  if (attributes !== null) event['attributes'] = attributes;
  return event as unknown as HistoryEvent;
}

function toMessage(row: InboxRow): InboxMessage {
  return { runId: row.run_id, key: row.key, draft: draftOf(row) as InboxDraft, receivedAt: row.received_at };
}

export function toMessages(rows: readonly InboxRow[]): readonly InboxMessage[] {
  return rows.map(toMessage);
}

export function toHookRecord(row: HookRow): HookRecord {
  return withoutNulls({
    runId: row.run_id,
    id: row.id,
    token: row.token,
    status: row.status,
    multiple: Boolean(row.multiple),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    defined: row.defined ? (true as const) : null,
  });
}

export function toHeartbeat(row: HeartbeatRow): Heartbeat {
  return { runId: row.run_id, id: row.id, attempt: row.attempt, worker: row.worker, until: row.until };
}

export function toProcessRecord({ owner, role, workflows, steps, until }: ProcessRow): ProcessRecord {
  return {
    owner,
    role,
    workflows: JSON.parse(workflows) as string[],
    steps: JSON.parse(steps) as string[],
    until,
  };
}

/** The values of a `ProcessRow`, in order. */
export function processColumns({ owner, role, workflows, steps, until }: ProcessRecord) {
  return [owner, role, JSON.stringify(workflows), JSON.stringify(steps), until] as const;
}

/** The columns of a draft, in the order `type, ref, payload, attributes`. */
export function draftColumns(draft: InboxDraft | HistoryEvent): [string, string | null, string | null, string | null] {
  return [
    draft.type,
    'id' in draft ? draft.id : null,
    'payload' in draft ? draft.payload : null,
    'attributes' in draft ? JSON.stringify(draft.attributes) : null,
  ];
}

/** Only the store writes these rows, so what it reads is a draft as it was written. */
function draftOf({ type, ref, payload, attributes }: DraftColumns): object {
  return {
    type,
    ...(ref !== null && { id: ref }),
    ...(payload !== null && { payload }),
    ...(attributes !== null && { attributes: JSON.parse(attributes) as unknown }),
  };
}

type WithoutNulls<T> = { [K in keyof T as null extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as null extends T[K] ? K : never]?: Exclude<T[K], null>;
};

function withoutNulls<T extends object>(record: T): WithoutNulls<T> {
  const values: Partial<T> = {};
  for (const key of Object.keys(record) as (keyof T)[]) if (record[key] !== null) values[key] = record[key];
  return values as unknown as WithoutNulls<T>;
}
