import type { Execution, InboxDraft, InboxMessage, NewRun, RunState, StepTask } from '../core/index.js';
import type { Guard } from './context.js';
import type { EnginePorts } from './ports.js';

/** A run in memory, as the process that it lives in sees it. */
export interface HeldRun {
  readonly runId: string;
  readonly fence: number;
  readonly tags: readonly string[];
  readonly state: RunState;
  /** No attempt of it is running or waiting its turn. */
  readonly isIdle: boolean;
}

/** What a session needs of the process that it lives in. */
export interface SessionHost {
  readonly ports: EnginePorts;
  /** The process takes no more: nothing is handed out. */
  readonly isStopping: boolean;
  /** Whether attempts of this step run in this process. */
  runsHere(stepName: string): boolean;
  /** Hands an attempt to whoever runs steps. `isAgain`: nobody has begun it since it was handed out before. */
  dispatch(task: StepTask, isAgain: boolean): void;
  /** A run that is held here has read a message of its inbox. */
  onMessage(draft: InboxDraft): void;
  /** Tells an attempt that runs here to stop. */
  abort(runId: string, stepId: string, why: string): void;
  /** Tells the attempts of a call that run in other processes to stop. */
  abortElsewhere(run: Pick<HeldRun, 'runId' | 'state'>, stepId: string): void;
  /** Asks for another activation of a run that is held here no longer. */
  wake(runId: string): void;
  /** Whether a waiting run should be given up at once rather than kept for a while. */
  isWorthReleasing(run: HeldRun, nextDueAt: number | undefined): boolean;
  /** All is committed and handed out, and the run waits. */
  onParked(run: HeldRun, nextDueAt: number | undefined): void;
  /** The run has got on since its process died. */
  onProven(runId: string): void;
  /** The run has ended, and that is committed. */
  onEnded(state: RunState): void;
  /** The run has no holder, and is to be looked at again at `wakeAt`. */
  onReleased(runId: string, wakeAt: number | undefined): void;
  /** A commit could not be written, or an outcome could not be read: the run goes on from its last commit. */
  onFailed(runId: string, error: unknown): void;
  /** Nothing of the session is left in memory. */
  onClosed(run: HeldRun): void;
}

/** What a session begins with. */
export interface SessionStart {
  readonly state: RunState;
  readonly execution: Execution;
  readonly guard: Guard | undefined;
  readonly tags: readonly string[];
  readonly fence: number;
  readonly recoveryAttempts: number;
  /** What the claim found in the inbox. */
  readonly inbox: readonly InboxMessage[];
  /** Present for a run that is not stored yet. */
  readonly create?: NewRun;
}
