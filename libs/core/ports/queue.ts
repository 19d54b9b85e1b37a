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
  /** Sequence of its `step.scheduled` event. */
  readonly sequence: number;
  /** The stored arguments; a queue that leaves the process may drop them, since the event has them. */
  readonly payload?: Payload;
  readonly workflow: string;
  /** The process that dispatched it, and the fence it held. */
  readonly owner: string;
  readonly fence: number;
}

/**
 * Carries hints between processes: it may lose, repeat and delay them, since the store knows what is owed.
 */
export abstract class WorkflowQueue {
  /** Asks for an activation of a run, of the process that holds it if `owner` names one. */
  abstract wake(runId: string, owner?: string): Promise<void>;
  /** Hands a step call to a process that runs steps. `queue` is a named step queue. */
  abstract dispatch(task: StepTask, queue?: string): Promise<void>;
  /** Begins to take wakes for this process. */
  abstract consumeWakes(owner: string, handle: (runId: string) => Promise<void>): Promise<void>;
  /** Begins to take step calls, at most `concurrency` at once. */
  abstract consumeSteps(
    options: { queue?: string; concurrency: number },
    handle: (task: StepTask) => Promise<void>,
  ): Promise<void>;
  /** Takes no more, waits for the handlers that run. */
  abstract drain(): Promise<void>;
}

/** Tells every process that runs have ended, so that nobody has to poll for a result. */
export abstract class RunNotifier {
  abstract ended(runId: string): void;
  /** @returns a function that ends the subscription. */
  abstract onEnded(listener: (runId: string) => void): () => void;
}
