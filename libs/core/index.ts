export { activate, showCommitted } from './activate.js';
export { BinaryHeap } from './binary-heap.js';
export {
  BroadcastNotifier,
  type BroadcastOptions,
  type ChannelListener,
  type NoticeChannel,
} from './broadcast-notifier.js';
export type { Commit, CommitResult, InboxDraft, InboxMessage, LeaseChange, NewRun, RunUpdate } from './commit.js';
export { type Duration, type DurationParts, durationToMs } from './duration.js';
export {
  CheckpointError,
  EventLimitError,
  FatalError,
  HookConflictError,
  HookExpiredError,
  InvalidInputError,
  NonDeterminismError,
  RetryableError,
  WorkflowCancelledError,
  WorkflowError,
  WorkflowTimeoutError,
} from './errors.js';
export type {
  CheckpointAttributes,
  Command,
  EventDraft,
  EventType,
  HistoryCompacted,
  HistoryEvent,
  HookAttributes,
  OutcomeDraft,
  Payload,
  StartAttributes,
} from './history-event.js';
export { Listeners } from './notices.js';
export { Clock } from './ports/clock.js';
export type { Codec, Entropy } from './ports/codec.js';
export { type Notice, Notifier, type NotifierOptions } from './ports/notifier.js';
export { type ConsumeStepsOptions, type RateLimit, type StepTask, WorkflowQueue } from './ports/queue.js';
export {
  type AppendResult,
  type Claim,
  type ClaimedRun,
  type DueRun,
  EventRepository,
  type Heartbeat,
  type ProcessRecord,
  type HeldLease,
  type HookDelivery,
  type HookDeliveryResult,
  type InboxNews,
  HookRepository,
  type Release,
  type RunFilter,
  type RunPage,
  RunRepository,
  WorkflowStore,
} from './ports/store.js';
export {
  type HookRecord,
  type HookStatus,
  isEnded,
  RUN_STATUSES,
  type RunRecord,
  type RunStatus,
} from './run-record.js';
export { callKey } from './call-key.js';
export { caller } from './caller.js';
export { describeCommand, nameOf } from './command-log.js';
export { dueOutcomes, nextDueAt, type TimedOutcome } from './due.js';
export { Execution, type ExecutionOptions } from './execution.js';
export { eventType, isCommandEvent, isOutcomeEvent } from './history-event.js';
export { Hook, hookUrl } from './hook.js';
export { Opening } from './opening.js';
export { planCommit } from './plan-commit.js';
export { record } from './record.js';
export { type HistoryPages, type Patience, replay } from './replay.js';
export {
  type Backoff,
  type BackoffPolicy,
  decideRetry,
  DEFAULT_MAX_RETRIES,
  type RetryOptions,
  type RetryPolicy,
  retryPolicy,
} from './retry-policy.js';
export { pageOf, readCursor, type RunPosition } from './run-page.js';
export { RunState, type StepCall } from './run-state.js';
export { Scope } from './scope.js';
export {
  StoreClosedError,
  StoreError,
  StoreLockedError,
  StoreOpenError,
  StoreUnavailableError,
  StoreWriteError,
} from './store-errors.js';
export { TurnoverMap } from './turnover-map.js';
export { macrotaskTurn } from './turns.js';
