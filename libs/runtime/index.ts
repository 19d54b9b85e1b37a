export { type CancellationScope, cancellationScope, checkCancellation, shield } from './cancellation.js';
export { checkpoint } from './checkpoint.js';
export {
  type CheckpointOptions,
  type CurrentContext,
  currentScope,
  findCurrentContext,
  getCurrentContext,
  runInWorkflow,
  type StepContext,
  type WorkflowContext,
} from './context.js';
export { Counters, type EngineObserver } from './counters.js';
export { WorkflowEngine } from './engine.js';
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
} from './errors.js';
export { isHookToken, TOKEN_RULE } from './hook-token.js';
export { type EngineLogger, SILENT_LOGGER, withRunFields } from './logger.js';
export { DEFAULT_ENGINE_OPTIONS, type EngineOptions, type GuardedGlobals, type Role } from './options.js';
export {
  createDefinedHook,
  createHook,
  type CreateHookOptions,
  createWebhook,
  hook,
  type HookOptions,
  now,
  parallel,
  race,
  random,
  randomUUID,
  sideEffect,
  sleep,
  sleepUntil,
  timeout,
} from './primitives.js';
export { callStep, Registry, type StepDefinition, type WorkflowDefinition } from './registry.js';
export { getStepContext, setStepContext } from './step-context.js';
export { SystemClock } from './system-clock.js';
export { workloadOf } from './workload.js';
