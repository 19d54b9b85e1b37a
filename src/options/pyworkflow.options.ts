import type { LoggerService } from '@nestjs/common';
import type { Duration } from '../../libs/core/index.js';
import type { WebhookOptions } from '../webhooks/webhook.options.js';
import type { GuardedGlobals, Role } from '../../libs/runtime/index.js';
import type { QueueChoice, QueueOptions } from './queue.options.js';
import type { StorageOptions } from './storage.options.js';

/**
 * What `PyWorkflowModule.forRoot` takes. What is left out is taken from the environment variable that the field names,
 * then from its default.
 */
export interface PyWorkflowOptions {
  /**
   * Where runs live: an SQLite file, PostgreSQL, Redis, files, memory, or a WorkflowStore of your own.
   * Environment: PYWORKFLOW_STORAGE (`sqlite`, `postgres`, `redis`, `file` or `memory`).
   * @default { type: 'sqlite' }, or PostgreSQL if PYWORKFLOW_POSTGRES_URL is set
   */
  readonly storage?: StorageOptions;
  /**
   * What carries wakes and step calls: this process alone, or BullMQ between processes.
   * Environment: PYWORKFLOW_QUEUE (`in-process` or `bullmq`).
   * @default { type: 'in-process' }
   */
  readonly queue?: QueueChoice;
  /**
   * What this process does: `all`; only hold runs and go on with them, as an `orchestrator`; only run their steps, as a
   * `step-worker`; or only start runs and look at them, as a `client`. All but `all` need a store that several
   * processes share, and the middle two a queue between them. Environment: PYWORKFLOW_ROLE.
   * @default 'all'
   */
  readonly role?: Role;
  /** How long a process may be silent before another takes over its runs. Environment: PYWORKFLOW_LEASE. @default '15s' */
  readonly lease?: Duration;
  /** How often to look for runs that everybody has forgotten. Environment: PYWORKFLOW_RECOVERY_INTERVAL. @default '15s' */
  readonly recoveryInterval?: Duration;
  /** How long a waiting run is kept in memory, in case it goes on soon. Environment: PYWORKFLOW_SESSION_IDLE. @default '5s' */
  readonly sessionIdle?: Duration;
  /** How many steps run at once. Environment: PYWORKFLOW_STEP_CONCURRENCY. @default 100 */
  readonly stepConcurrency?: number;
  /** Named step queues, for steps with the option `queue`. @default those that the steps name, with stepConcurrency each */
  readonly queues?: Readonly<Record<string, QueueOptions>>;
  /** How large one stored value may be, in bytes. Environment: PYWORKFLOW_MAX_PAYLOAD_BYTES. @default 1048576 (1 MiB) */
  readonly maxPayloadBytes?: number;
  /**
   * How often the process may die in the middle of a run that does not get on, before the run is paused.
   * Environment: PYWORKFLOW_MAX_RECOVERY_ATTEMPTS.
   * @default 3
   */
  readonly maxRecoveryAttempts?: number;
  /** How long a stopping process waits for its steps. Environment: PYWORKFLOW_SHUTDOWN_GRACE. @default '10s' */
  readonly shutdownGrace?: Duration;
  /** At how many events in its history a run is warned about. Environment: PYWORKFLOW_EVENT_WARNING. @default 10000, or eventLimit if that is less */
  readonly eventWarning?: number;
  /** At how many events in its history a run fails. Environment: PYWORKFLOW_EVENT_LIMIT. @default 50000 */
  readonly eventLimit?: number;
  /**
   * How many events of attempts and of rounds of loops that later ones have superseded a run gathers before they are
   * compacted: one event takes the place of many. false to keep them all. Environment: PYWORKFLOW_COMPACTION.
   * @default 1000
   */
  readonly compaction?: number | false;
  /**
   * What a replay does about a step call whose arguments have changed: `warn`, or `block` the run.
   * Environment: PYWORKFLOW_ON_CHANGED_INPUT.
   * @default 'warn'
   */
  readonly onChangedInput?: 'warn' | 'block';
  /**
   * The address at which the application is reached from outside, with its global prefix: hooks make their URLs from it.
   * The same in every process. Environment: PYWORKFLOW_PUBLIC_URL.
   * @default hooks have no URL
   */
  readonly publicUrl?: string;
  /**
   * Whether the globals of the process are guarded in the code of workflows, and only there: `Date`, `Math.random` and
   * `crypto.randomUUID` give the run's values, the same on every replay; `setTimeout`, `fetch` and other I/O are
   * reported. An object turns single ones off, such as `{ io: false }`. Environment: PYWORKFLOW_GUARD_GLOBALS.
   * @default true
   */
  readonly guardGlobals?: boolean | Partial<GuardedGlobals>;
  /** Where the engine and the workflows' loggers write; false for nowhere. @default Nest's logger */
  readonly logger?: LoggerService | false;
}

/** What shapes the module, and so stands beside `useFactory` in `forRootAsync`. */
export interface PyWorkflowExtras {
  /** Whether other modules need not import the module. @default true */
  readonly isGlobal?: boolean;
  /** Mounts a controller that delivers to hooks: `{}` for its defaults. @default nothing is reached over HTTP */
  readonly webhooks?: WebhookOptions;
}
