import type { Clock, Codec, Notifier, WorkflowQueue, WorkflowStore } from '../core/index.js';
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
  /** Called with what the engine counts: replays, activations, fenced commits, stale outcomes ... */
  readonly counters: Counters;
}

/** What the engine has done since it started. */
export class Counters {
  /** Activations: a run was given its outcomes and let go on. */
  activations = 0;
  /** Runs that were rebuilt from their history. */
  replays = 0;
  commits = 0;
  /** Commits refused because another process has the run. */
  fenced = 0;
  /** Outcomes of superseded attempts, second deliveries and the like. */
  stale = 0;
  /** Attempts of steps begun. */
  attempts = 0;
  /** Step calls handed to a queue. */
  dispatches = 0;
  wakes = 0;
}
