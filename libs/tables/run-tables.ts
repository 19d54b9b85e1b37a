import {
  type DueRun,
  type Heartbeat,
  type InboxMessage,
  isEnded,
  type RunRecord,
  type RunStatus,
} from '../core/index.js';
import { AlarmIndex } from './alarm-index.js';
import type { HookRow, RunChange } from './run-change.js';

/** All rows of one run but its events. What is in it is frozen: a change replaces it. */
export interface RunRows {
  record: RunRecord;
  /** What no commit has consumed, in the order of arrival. */
  readonly inbox: Map<string, InboxMessage>;
  /** Every key that was ever in the inbox, consumed or not, but those that were forgotten. */
  readonly keys: Set<string>;
  readonly hooks: Map<string, HookRow>;
  readonly heartbeats: Map<string, Heartbeat>;
}

type Start = Pick<RunRecord, 'runId' | 'workflow' | 'idempotencyKey' | 'inputDigest'>;

/** The rows of runs in memory, and what finds them. Histories are kept elsewhere. */
export class RunTables {
  readonly runs = new Map<string, RunRows>();
  private readonly alarms = new AlarmIndex();
  private readonly hooksByToken = new Map<string, HookRow>();
  private readonly starts = new Map<string, Start>();

  /** Makes a change that was decided on these tables, or that was written down before. */
  apply(change: RunChange): RunRows {
    const run = this.runs.get(change.runId) ?? this.insert(change);
    if (change.row) run.record = change.row;
    for (const key of change.consumed ?? []) run.inbox.delete(key);
    for (const key of change.forgotten ?? []) run.keys.delete(key);
    if (change.received) {
      run.inbox.set(change.received.key, change.received);
      run.keys.add(change.received.key);
    }
    for (const hook of change.hooks ?? []) {
      run.hooks.set(hook.record.id, hook);
      this.addToken(hook);
    }
    for (const beat of change.heartbeats ?? []) run.heartbeats.set(beat.id, beat);
    if (isEnded(run.record.status)) dropLeftovers(run);
    this.setAlarm(run);
    return run;
  }

  /** The run that has this idempotency key, also after it was let go. */
  startedWith(workflow: string, idempotencyKey: string | undefined): Start | undefined {
    return idempotencyKey === undefined ? undefined : this.starts.get(startKey(workflow, idempotencyKey));
  }

  addStart(start: Start): void {
    if (start.idempotencyKey !== undefined) this.starts.set(startKey(start.workflow, start.idempotencyKey), start);
  }

  /** The hook that a token leads to: the open one if there is one, else the latest. */
  hookOf(token: string): HookRow | undefined {
    return this.hooksByToken.get(token);
  }

  addToken(hook: HookRow): void {
    const known = this.hooksByToken.get(hook.record.token);
    if (!known || isSame(known, hook) || isAfter(hook, known)) this.hooksByToken.set(hook.record.token, hook);
  }

  /** Lets go of the rows of a run that has ended. Its idempotency key and its tokens stay known. */
  forget(runId: string): void {
    this.runs.delete(runId);
  }

  /** The runs that are due, the earliest first: `WorkflowStore.due`. */
  due(now: number, limit: number, ahead: number): readonly DueRun[] {
    const due: DueRun[] = [];
    for (const { runId, at } of this.alarms.until(ahead)) {
      if (due.length >= limit) break;
      const run = this.runs.get(runId)?.record;
      const isLeased = run?.owner !== undefined;
      if (at <= now || !isLeased) due.push({ runId, at, suspect: run?.status === 'running' && isLeased });
    }
    return due;
  }

  /** The latest heartbeat of each step call of a run, or of these. */
  heartbeats(runId: string, ids?: readonly string[]): readonly Heartbeat[] {
    const beats = [...(this.runs.get(runId)?.heartbeats.values() ?? [])];
    return ids ? beats.filter(({ id }) => ids.includes(id)) : beats;
  }

  private insert({ runId, row }: RunChange): RunRows {
    if (!row) throw new Error(`Nothing is known of run "${runId}", which is to be changed.`);
    const run = { record: row, inbox: new Map(), keys: new Set<string>(), hooks: new Map(), heartbeats: new Map() };
    this.runs.set(runId, run);
    const { workflow, idempotencyKey, inputDigest } = row;
    this.addStart({ runId, workflow, idempotencyKey, inputDigest });
    return run;
  }

  private setAlarm(run: RunRows): void {
    const { runId, owner, wakeAt } = run.record;
    // A holder is told of what comes in, and looks at the inbox before it lets go.
    const received = owner === undefined ? oldestWaking(run) : undefined;
    this.alarms.set(runId, earlier(wakeAt, received));
  }
}

function dropLeftovers(run: RunRows): void {
  run.inbox.clear();
  run.keys.clear();
  run.heartbeats.clear();
}

function isSame({ record: a }: HookRow, { record: b }: HookRow): boolean {
  return a.runId === b.runId && a.id === b.id;
}

function isAfter({ record: next }: HookRow, { record: known }: HookRow): boolean {
  if (known.status === 'open' || next.status === 'open') return known.status !== 'open';
  return next.createdAt >= known.createdAt;
}

/** True if there are messages that a run of this status must be activated for. */
export function hasWaking(messages: Iterable<InboxMessage>, status: RunStatus): boolean {
  for (const message of messages) {
    if (wakes(message, status)) return true;
  }
  return false;
}

function oldestWaking(run: RunRows): number | undefined {
  let oldest: number | undefined;
  for (const message of run.inbox.values()) {
    if (wakes(message, run.record.status)) oldest = earlier(oldest, message.receivedAt);
  }
  return oldest;
}

/** A run that waits for a person is woken by a person only. */
function wakes({ draft }: InboxMessage, status: RunStatus): boolean {
  if (status !== 'blocked' && status !== 'paused') return true;
  return draft.type === 'workflow.resumed' || draft.type === 'workflow.cancel_requested';
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}

/** Names the use of an idempotency key by a workflow. */
export function startKey(workflow: string, idempotencyKey: string): string {
  return JSON.stringify([workflow, idempotencyKey]);
}
