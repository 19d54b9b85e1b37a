import {
  type Heartbeat,
  type HistoryEvent,
  type HookRecord,
  type InboxMessage,
  type RunRecord,
  type RunStatus,
} from '../core/index.js';
import { AlarmIndex } from './alarm-index.js';
import { changed } from './frozen-copy.js';

/** A hook's row, and what settled it. */
export interface MemoryHook {
  record: HookRecord;
  deliveryId?: string;
}

/** All rows of one run. The records in it are frozen: a change replaces them. */
export interface MemoryRun {
  record: RunRecord;
  readonly events: HistoryEvent[];
  /** What no commit has consumed, in the order of arrival. */
  readonly inbox: Map<string, InboxMessage>;
  /** Every key that was ever in the inbox, consumed or not. */
  readonly keys: Set<string>;
  readonly hooks: Map<string, MemoryHook>;
  readonly heartbeats: Map<string, Heartbeat>;
}

export class MemoryTables {
  readonly runs = new Map<string, MemoryRun>();
  readonly alarms = new AlarmIndex();
  /** A token's hooks end one before the next is opened, so the last one is the open one if any is. */
  readonly hooksByToken = new Map<string, MemoryHook>();
  private readonly runsByIdempotencyKey = new Map<string, MemoryRun>();

  insert(record: RunRecord): MemoryRun {
    const run: MemoryRun = {
      record,
      events: [],
      inbox: new Map(),
      keys: new Set(),
      hooks: new Map(),
      heartbeats: new Map(),
    };
    this.runs.set(record.runId, run);
    const { workflow, idempotencyKey } = record;
    if (idempotencyKey !== undefined) this.runsByIdempotencyKey.set(startKey(workflow, idempotencyKey), run);
    return run;
  }

  startedWith(workflow: string, idempotencyKey: string | undefined): MemoryRun | undefined {
    if (idempotencyKey === undefined) return undefined;
    return this.runsByIdempotencyKey.get(startKey(workflow, idempotencyKey));
  }

  receive(run: MemoryRun, message: InboxMessage): void {
    run.inbox.set(message.key, message);
    run.keys.add(message.key);
    this.setAlarm(run);
  }

  /** Changes a run's row, and its alarm with it. */
  update(run: MemoryRun, changes: Partial<RunRecord>): void {
    run.record = changed(run.record, changes);
    this.setAlarm(run);
  }

  private setAlarm(run: MemoryRun): void {
    const { runId, owner, wakeAt } = run.record;
    // A holder is told of what comes in, and looks at the inbox before it lets go.
    const received = owner === undefined ? oldestWaking(run) : undefined;
    this.alarms.set(runId, earlier(wakeAt, received));
  }
}

/** True if the inbox holds what its run must be activated for. */
export function hasWaking(run: MemoryRun, status: RunStatus = run.record.status): boolean {
  for (const message of run.inbox.values()) {
    if (wakes(message, status)) return true;
  }
  return false;
}

function oldestWaking(run: MemoryRun): number | undefined {
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

function startKey(workflow: string, idempotencyKey: string): string {
  return JSON.stringify([workflow, idempotencyKey]);
}
