// module
export { PyWorkflowModule } from './pyworkflow.module.js';
export { PYWORKFLOW_MODULE_OPTIONS } from './pyworkflow.module-definition.js';
export type { PyWorkflowExtras, PyWorkflowOptions } from './options/pyworkflow.options.js';
export type {
  BullMqQueueChoice,
  InProcessQueueChoice,
  QueueChoice,
  QueueOptions,
  QueueRateLimit,
} from './options/queue.options.js';
export type { EngineLogger, GuardedGlobals, Role } from '../libs/runtime/index.js';
export type {
  ApplicationDataSource,
  FileStorage,
  MemoryStorage,
  NamedStorage,
  PostgresStorage,
  ProvidedStorage,
  RedisStorage,
  SharedStorage,
  SqliteStorage,
  StorageOptions,
} from './options/storage.options.js';
export { PyWorkflowConfigError } from './checks/config.error.js';

// authoring
export { Workflow, type WorkflowClass } from './decorators/workflow.decorator.js';
export type { WorkflowOptions } from './decorators/workflow.options.js';
export { Step } from './decorators/step.decorator.js';
export type { StepOptions } from './decorators/step.options.js';
export { STEP_CONTEXT_TYPE } from './discovery/enhancers.js';
export type { ArgumentType, DtoClass } from './validation/dto.js';
export { type CheckedSubject, ValidationFailedError } from './validation/validation-failed.error.js';
export type { Backoff, BackoffPolicy, Duration, DurationParts, RetryOptions } from '../libs/core/index.js';
export {
  type CodecOptions,
  createCodec,
  type DecimalClass,
  registerDecimal,
  registerSerializable,
  Serializable,
  type SerializableClass,
  type SerializableOptions,
  type SerializableType,
  type ValueCodec,
} from '../libs/serialization/index.js';

// inside workflows and steps
export {
  type CancellationScope,
  cancellationScope,
  checkCancellation,
  checkpoint,
  type CheckpointOptions,
  createHook,
  type CreateHookOptions,
  createWebhook,
  type CurrentContext,
  findCurrentContext,
  getCurrentContext,
  getStepContext,
  hook,
  type HookOptions,
  now,
  parallel,
  race,
  random,
  randomUUID,
  setStepContext,
  shield,
  sideEffect,
  sleep,
  sleepUntil,
  type StepContext,
  timeout,
  type WorkflowContext,
} from '../libs/runtime/index.js';
export { Hook } from '../libs/core/index.js';

// hooks and webhooks
export { type DefinedHookOptions, defineHook, type HookDefinition } from './hooks/hook-definition.js';
export type { HookDefinitionOptions } from './hooks/hook-definition.options.js';
export type { WebhookOptions } from './webhooks/webhook.options.js';
export type { AcceptedDelivery, WebhookResponder, WebhookResponse } from './webhooks/webhook-response.js';
export type { WebhookHeaders, WebhookRequest } from './webhooks/webhook-request.js';
export type { DeliveryIdOf, VerifyWebhook, WebhookVerifier } from './webhooks/webhook-verifier.js';
export { githubSignature } from './webhooks/signatures/github.signature.js';
export { hmacSignature, type HmacSignatureOptions } from './webhooks/signatures/hmac.signature.js';
export { stripeSignature, type StripeSignatureOptions } from './webhooks/signatures/stripe.signature.js';
export type { Secret, SecretOptions } from './webhooks/signatures/secrets.js';
export { RawBodyMissingError } from './webhooks/raw-body-missing.error.js';

// client
export {
  type DeliveryOptions,
  type RunList,
  type RunListFilter,
  WorkflowClient,
  type WorkflowInfo,
} from './client/workflow-client.js';
export { type CancelOptions, type ResultOptions, WorkflowHandle } from './client/workflow-handle.js';
export type { StartOptions } from './client/start.options.js';
export type { WorkflowRun } from './client/workflow-run.js';
export type { EventOptions, RunEvent } from './client/run-event.js';
export { EventReplayer, type ReplayedEvent } from './client/event-replayer.js';
export type {
  CheckpointSnapshot,
  HookSnapshot,
  RunSnapshot,
  StepSnapshot,
  TimerSnapshot,
} from './client/run-snapshot.js';
export type { HookInfo } from './client/hook-info.js';
export type {
  AsyncMethodName,
  MethodArgs,
  MethodResult,
  WorkflowArgs,
  WorkflowMethod,
  WorkflowResult,
} from './client/workflow-reference.js';
export type { EventType, HookStatus, RunStatus } from '../libs/core/index.js';

// errors
export {
  CheckpointError,
  EventLimitError,
  FatalError,
  HookConflictError,
  HookExpiredError,
  InvalidInputError,
  NonDeterminismError,
  RetryableError,
  StoreClosedError,
  StoreError,
  StoreLockedError,
  StoreOpenError,
  StoreUnavailableError,
  StoreWriteError,
  WorkflowCancelledError,
  WorkflowError,
  WorkflowTimeoutError,
} from '../libs/core/index.js';
export {
  HookNotDefinedError,
  HookNotFoundError,
  HookUsedError,
  IdempotencyConflictError,
  NotRunningError,
  ResultTimeoutError,
  RunCancelledError,
  RunEndedError,
  RunFailedError,
  RunNotFoundError,
  UnknownNameError,
  WorkerLostError,
} from '../libs/runtime/index.js';
export { DeserializationError, SerializationError } from '../libs/serialization/index.js';

// queues
export { Notifier, WorkflowQueue } from '../libs/core/index.js';
export type { ConsumeStepsOptions, Notice, NotifierOptions, RateLimit, StepTask } from '../libs/core/index.js';

// storage
export { EventRepository, HookRepository, RunRepository, WorkflowStore } from '../libs/core/index.js';
export type {
  AppendResult,
  Claim,
  ClaimedRun,
  Commit,
  CommitResult,
  DueRun,
  Heartbeat,
  HeldLease,
  HistoryCompacted,
  HistoryEvent,
  HookDelivery,
  HookDeliveryResult,
  HookRecord,
  InboxDraft,
  InboxMessage,
  LeaseChange,
  NewRun,
  Payload,
  ProcessRecord,
  Release,
  RunFilter,
  RunPage,
  RunRecord,
  RunUpdate,
} from '../libs/core/index.js';
