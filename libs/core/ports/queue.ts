import type { Payload } from '../history-event.js';

/** One attempt of a step call, on its way to a process that runs it. */
export interface StepTask {
  readonly runId: string;
  /** The step call's id, such as `charge#2`. */
  readonly id: string;
  readonly step: string;
  readonly attempt: number;
  /** How many attempts have failed before this one; lost ones are not counted. */
  readonly failures: number;
  /** How many attempts have vanished with their process: this one may be what kills it. */
  readonly lost: number;
  /** Sequence of its `step.scheduled` event. */
  readonly sequence: number;
  /** The stored arguments; a queue that leaves the process may drop them, since the event has them. */
  readonly payload?: Payload;
  /** What the workflow has set for its steps to read; it travels with the payload, or is left out with it. */
  readonly context?: Payload;
  readonly workflow: string;
  readonly tags: readonly string[];
  /** The process that dispatched it, and the fence it held. */
  readonly owner: string;
  readonly fence: number;
}

/** How often something may begin. */
export interface RateLimit {
  readonly max: number;
  readonly durationMs: number;
}

/** How a process takes the step calls of one queue. */
export interface ConsumeStepsOptions {
  /** A named step queue. @default the one for all steps that name none */
  readonly queue?: string;
  /** How many step calls this process runs at once. */
  readonly concurrency: number;
  /** How many step calls of the queue begin in some time: in all processes that share it. @default as many as can */
  readonly rateLimit?: RateLimit;
}

/**
 * Carries hints between processes: it may lose, repeat and delay them, since the store knows what is owed.
 *
 * `wake` and `dispatch` may be called before anything is consumed, and while what carries the messages is down: they
 * reject then, and are not tried again by the caller.
 */
export abstract class WorkflowQueue {
  /** Asks for an activation of a run, of the process that holds it if `owner` names one. */
  abstract wake(runId: string, owner?: string): Promise<void>;
  /**
   * Hands a step call to a process that runs steps.
   *
   * @param queue a named step queue
   * @param expectedMs how long it will run, by all that is known: calls that are done at once may travel together.
   *   Without it, a call travels alone.
   */
  abstract dispatch(task: StepTask, queue?: string, expectedMs?: number): Promise<void>;
  /** Begins to take wakes for this process. */
  abstract consumeWakes(owner: string, handle: (runId: string) => Promise<void>): Promise<void>;
  /** Begins to take step calls, at most `concurrency` at once. */
  abstract consumeSteps(options: ConsumeStepsOptions, handle: (task: StepTask) => Promise<void>): Promise<void>;
  /** Takes no more, waits for the handlers that run. What it has taken and not begun goes to others. It can still be asked to wake. */
  abstract drain(): Promise<void>;
  /** Lets go of its connections, after `drain`. Safe to call twice. */
  abstract close(): Promise<void>;

  /** Rejects with what is wrong while it cannot carry messages, for those who watch over the process. @default it always can */
  ping?(): Promise<void>;
}
