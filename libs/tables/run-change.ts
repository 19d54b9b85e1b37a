import type { Heartbeat, HistoryCompacted, HistoryEvent, HookRecord, InboxMessage, RunRecord } from '../core/index.js';

/** A hook's row, and the delivery that settled it. */
export interface HookRow {
  readonly record: HookRecord;
  readonly deliveryId?: string;
}

/** What changes of one run, said so that it can be written down and read again: values, no instructions. */
export interface RunChange {
  readonly runId: string;
  /** The whole row as it is from now on. A change that creates a run has one. */
  readonly row?: RunRecord;
  readonly events?: readonly HistoryEvent[];
  /** Each takes the place of earlier events. */
  readonly compacts?: readonly HistoryCompacted[];
  /** Keys of the messages that leave the inbox. */
  readonly consumed?: readonly string[];
  /** Those of them that may come again. */
  readonly forgotten?: readonly string[];
  readonly received?: InboxMessage;
  /** The hooks that are new or changed. */
  readonly hooks?: readonly HookRow[];
  readonly heartbeats?: readonly Heartbeat[];
}

/** What a store answers, and what it has to change for the answer to be true. */
export interface Decision<Result> {
  readonly result: Result;
  readonly change?: RunChange;
}
