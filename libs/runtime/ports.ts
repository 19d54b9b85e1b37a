import type { Clock, Codec, Notifier, WorkflowQueue, WorkflowStore } from '../core/index.js';
import type { Counters } from './counters.js';
import type { EngineLogger } from './logger.js';
import type { EngineOptions } from './options.js';
import type { Registry } from './registry.js';

/** What the runtime is built on. */
export interface EnginePorts {
  readonly store: WorkflowStore;
  /** Carries wakes, and the attempts that other processes run. */
  readonly queue: WorkflowQueue;
  /** Carries the attempts that this process runs for its own runs; the same as `queue` if that serves one process. */
  readonly localQueue: WorkflowQueue;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly codec: Codec;
  readonly registry: Registry;
  readonly logger: EngineLogger;
  readonly options: EngineOptions;
  /** Where the secrets of new runs come from. @default the system's randomness */
  readonly newSeed?: () => string;
  /** What shortens the delays of retries. @default Math.random */
  readonly random?: () => number;
  /** Is told what the engine does. */
  readonly counters: Counters;
}
