import type { EventDraft, HistoryCompacted, HistoryEvent, Payload } from './history-event.js';
import type { HookRecord, RunStatus } from './run-record.js';

/**
 * One change of one run, written whole or not at all: events, run row, consumed inbox rows, hooks.
 *
 * Only the holder of the run's lease may make it, and proves it with `fence`.
 */
export interface Commit {
  readonly runId: string;
  readonly fence: number;
  /** Sequence of the last event the writer knows; `events` go on from it. 0 for a new run. */
  readonly baseSequence: number;
  readonly events: readonly HistoryEvent[];
  /**
   * Each takes the place of the events that it tells of, which were stored before: from its `from` on up to its own
   * sequence, which it has from then on. Their sequences do not overlap.
   */
  readonly compacts?: readonly HistoryCompacted[];
  /** Present when the commit creates the run. */
  readonly create?: NewRun;
  readonly run: RunUpdate;
  /** Keys of the inbox rows that this commit moves into the history or drops as stale. */
  readonly consumes: readonly string[];
  /** Those of `consumes` whose keys are to be known no more: the history itself refuses a second message. @default none */
  readonly forgets?: readonly string[];
  /** New hooks; one that the same commit closes again comes as `closed`. Tokens that this commit gives up are free for them. */
  readonly opensHooks: readonly HookRecord[];
  /**
   * Ids of hooks that expire. The commit is refused as `hook_settled` if one of them is not open any more, or has
   * accepted a payload that is in the inbox and that this commit does not consume.
   */
  readonly expiresHooks: readonly string[];
  /** Ids of hooks that take no more payloads. */
  readonly closesHooks: readonly string[];
  readonly lease: LeaseChange;
}

export interface NewRun {
  readonly workflow: string;
  readonly version: number;
  readonly tags: readonly string[];
  readonly idempotencyKey?: string;
  readonly inputDigest?: string;
  readonly createdAt: number;
}

export interface RunUpdate {
  readonly status: RunStatus;
  readonly updatedAt: number;
  readonly endedAt?: number;
  readonly output?: Payload;
  readonly error?: Payload;
  /** Why the run is blocked or paused; absent clears it. */
  readonly reason?: string;
  readonly recoveryAttempts: number;
}

/**
 * `hold`: the writer keeps the run until `until`, which becomes its alarm.
 * `release`: the run is given up and its alarm set to `wakeAt`, unless its inbox holds rows that this commit does not
 * consume: then the lease is held until `until` after all.
 */
export type LeaseChange =
  | { readonly type: 'hold'; readonly owner: string; readonly until: number }
  | { readonly type: 'release'; readonly owner: string; readonly until: number; readonly wakeAt?: number };

export type CommitResult =
  /** `released` is false if the lease is held, be it as asked or because the inbox holds rows. */
  | { readonly type: 'committed'; readonly released: boolean }
  /** The fence is old, the head has moved, or the run has ended or is gone: the writer's execution is dead. */
  | { readonly type: 'fenced' }
  /** A new run's id or idempotency key is taken, by this run. */
  | { readonly type: 'duplicate'; readonly runId: string; readonly inputDigest?: string }
  /** A live hook has the token of this new hook. */
  | { readonly type: 'token_taken'; readonly hookId: string }
  /** A hook that was to expire has been delivered or closed. */
  | { readonly type: 'hook_settled'; readonly hookId: string };

/** What somebody else has to tell a run: a draft of the event that its lease holder will write. */
export interface InboxMessage {
  readonly runId: string;
  /** Deduplicates: a run takes one message per key. */
  readonly key: string;
  readonly draft: InboxDraft;
  readonly receivedAt: number;
}

export type InboxDraft = Extract<
  EventDraft,
  {
    type:
      | 'step.completed'
      | 'step.failed'
      | 'step.retrying'
      | 'step.exhausted'
      | 'step.lost'
      | 'hook.received'
      | 'workflow.cancel_requested'
      | 'workflow.resumed';
  }
>;
