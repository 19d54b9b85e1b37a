import type { RateLimit } from '../core/index.js';

/** What the process does: everything, only start and look, only run workflows, or only run steps. */
export type Role = 'all' | 'client' | 'orchestrator' | 'step-worker';

/** Which globals are guarded in the code of workflows. Everywhere else they are themselves. */
export interface GuardedGlobals {
  /** `Date.now()`, `new Date()`, `Date()` and `performance.now()` give the time of the run. @default true */
  readonly date: boolean;
  /** `Math.random()` and `crypto.randomUUID()` give the same on every replay. @default true */
  readonly random: boolean;
  /** `setTimeout`, `fetch`, requests and processes are reported, once for each place that calls them. @default true */
  readonly io: boolean;
}

export interface EngineOptions {
  readonly role: Role;
  /** Names this process among all that share the store; must never be used again by another. */
  readonly owner: string;
  /** How long a process may be silent before another takes over its runs. */
  readonly leaseMs: number;
  /** How often to look for runs that everybody has forgotten. */
  readonly recoveryIntervalMs: number;
  /** How long a waiting run is kept in memory, in case it goes on soon. */
  readonly sessionIdleMs: number;
  /** How many runs are kept in memory at most while they wait. */
  readonly maxSessions: number;
  /** How many steps run at once. */
  readonly stepConcurrency: number;
  /** The same for named step queues. */
  readonly queueConcurrency: ReadonlyMap<string, number>;
  /** How many steps of a named queue begin in some time. */
  readonly queueRateLimits: ReadonlyMap<string, RateLimit>;
  /** How often the process may die in the middle of one run that does not get on. */
  readonly maxRecoveryAttempts: number;
  /** How long a workflow or step that nobody knows is waited for, before its run is blocked. */
  readonly unknownNameMs: number;
  /** How long replay waits for code that awaits something ordinary between two commands. */
  readonly replayPatienceMs: number;
  /** How long code may await something that is not durable before it is reported, or ended if the run was interrupted. */
  readonly ordinaryWaitMs: number;
  /** How long a stopping process waits for the steps that run. */
  readonly shutdownGraceMs: number;
  /** At how many events in its history a run is warned about, and again every 100. */
  readonly eventWarning: number;
  /** At how many events in its history a run fails. */
  readonly eventLimit: number;
  /** How many events that later ones have superseded a run gathers before they are compacted; Infinity for never. */
  readonly compactAfter: number;
  /** Whether a replayed step call whose arguments have changed blocks the run, or is only warned about. */
  readonly onChangedInput: 'warn' | 'block';
  /** The address that the token of a hook is appended to. @default hooks have no URL */
  readonly hookBaseUrl?: string;
  readonly guardGlobals: GuardedGlobals;
}

export const DEFAULT_ENGINE_OPTIONS: Omit<EngineOptions, 'owner'> = {
  role: 'all',
  leaseMs: 15_000,
  recoveryIntervalMs: 15_000,
  sessionIdleMs: 5_000,
  maxSessions: 10_000,
  stepConcurrency: 100,
  queueConcurrency: new Map(),
  queueRateLimits: new Map(),
  maxRecoveryAttempts: 3,
  unknownNameMs: 5 * 60_000,
  replayPatienceMs: 2_000,
  ordinaryWaitMs: 30_000,
  shutdownGraceMs: 10_000,
  eventWarning: 10_000,
  eventLimit: 50_000,
  compactAfter: 1_000,
  onChangedInput: 'warn',
  guardGlobals: { date: true, random: true, io: true },
};
