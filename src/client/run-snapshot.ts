import type { RunStatus } from '../../libs/core/index.js';

/** One step call, as its events tell it. */
export interface StepSnapshot {
  /** Such as `charge#2`. */
  readonly id: string;
  /** `retrying`: an attempt has failed or was lost, and another follows. `exhausted`: it waits for a person. */
  readonly status: 'scheduled' | 'retrying' | 'exhausted' | 'completed' | 'failed' | 'cancelled';
  /** The attempt that is due, running or was the last; counts from 1. */
  readonly attempt: number;
  /** The arguments that it was called with. */
  readonly args: unknown;
  readonly scheduledAt: Date;
  readonly endedAt?: Date;
  /** When the next attempt may begin. */
  readonly retryAt?: Date;
  readonly result?: unknown;
  /** What it failed with, or what its last attempt failed with. */
  readonly error?: unknown;
}

/** One timer, as its events tell it. */
export interface TimerSnapshot {
  readonly id: string;
  readonly status: 'running' | 'fired' | 'cancelled';
  readonly fireAt: Date;
}

/** One hook, as its events tell it. */
export interface HookSnapshot {
  readonly id: string;
  readonly status: 'open' | 'received' | 'expired' | 'conflicted' | 'closed';
  readonly multiple: boolean;
  readonly expiresAt?: Date;
  /** What was delivered, in order. */
  readonly payloads: readonly unknown[];
}

/** The latest state that a loop has saved. */
export interface CheckpointSnapshot {
  /** Such as `checkpoint#57`. What its rounds did before it may have been compacted. */
  readonly id: string;
  readonly savedAt: Date;
  readonly state: unknown;
}

/** What a run had come to after one of its events. */
export interface RunSnapshot {
  /** Of the event; 0 before the first. */
  readonly sequence: number;
  readonly at?: Date;
  /** `running` stands for all that goes on; the history does not tell who holds a run. */
  readonly status: RunStatus;
  readonly workflow?: string;
  readonly version?: number;
  readonly deadline?: Date;
  readonly args?: unknown;
  /** What it returned. */
  readonly output?: unknown;
  /** What it threw. */
  readonly error?: unknown;
  /** Why it is blocked or paused. */
  readonly reason?: string;
  readonly isCancelRequested: boolean;
  readonly isTimedOut: boolean;
  readonly steps: readonly StepSnapshot[];
  readonly timers: readonly TimerSnapshot[];
  readonly hooks: readonly HookSnapshot[];
  /** What `sideEffect` recorded, in order. */
  readonly sideEffects: readonly unknown[];
  /** One for each name that `checkpoint` was called with. */
  readonly checkpoints: readonly CheckpointSnapshot[];
}
