import type { EventType, RunStatus } from '../core/index.js';

/**
 * Is told what the engine does, by those parts of it that do it. Names are those of workflows and steps.
 *
 * It is called on the engine's hot path: it has to be quick, and must not throw.
 */
export interface EngineObserver {
  /** This process stored a new run. */
  onRunStart?(workflow: string): void;
  /** This process committed the end of a run, which began so long before. */
  onRunEnd?(workflow: string, status: RunStatus, durationMs: number): void;
  /** This process committed that a run waits for a person: it is `blocked` or `paused`. */
  onRunHalt?(workflow: string, status: RunStatus): void;
  /** A run was given its outcomes and let go on. */
  onActivation?(workflow: string): void;
  /** A run was rebuilt from its history. */
  onReplay?(workflow: string): void;
  /** Workflow code went on after it awaited something that is not durable. */
  onOrdinaryAwait?(workflow: string): void;
  onCommit?(): void;
  /** Another process has a run that this one took for its own: a commit was refused, or a lease could not be renewed. */
  onFenced?(): void;
  /** An outcome came that means nothing: of a superseded attempt, of a second delivery and the like. */
  onStale?(): void;
  /** A run was to be looked at. */
  onWake?(): void;
  /** A step call was handed to a queue. */
  onDispatch?(step: string): void;
  /** An attempt of a step began in this process. */
  onAttempt?(step: string): void;
  /** @param outcome the event that it ended in, such as `step.completed`; `step.cancelled` if it was told to stop */
  onAttemptEnd?(step: string, outcome: EventType, durationMs: number): void;
}

/** Counts what the engine has done since it started, and passes it on to those who observe. */
export class Counters implements EngineObserver {
  activations = 0;
  replays = 0;
  commits = 0;
  fenced = 0;
  stale = 0;
  attempts = 0;
  dispatches = 0;
  wakes = 0;
  #observers: readonly EngineObserver[] = [];

  /** @returns a function that ends it */
  observe(observer: EngineObserver): () => void {
    this.#observers = [...this.#observers, observer];
    return () => {
      this.#observers = this.#observers.filter((each) => each !== observer);
    };
  }

  onRunStart(workflow: string): void {
    for (const observer of this.#observers) observer.onRunStart?.(workflow);
  }

  onRunEnd(workflow: string, status: RunStatus, durationMs: number): void {
    for (const observer of this.#observers) observer.onRunEnd?.(workflow, status, durationMs);
  }

  onRunHalt(workflow: string, status: RunStatus): void {
    for (const observer of this.#observers) observer.onRunHalt?.(workflow, status);
  }

  onActivation(workflow: string): void {
    this.activations += 1;
    for (const observer of this.#observers) observer.onActivation?.(workflow);
  }

  onReplay(workflow: string): void {
    this.replays += 1;
    for (const observer of this.#observers) observer.onReplay?.(workflow);
  }

  onOrdinaryAwait(workflow: string): void {
    for (const observer of this.#observers) observer.onOrdinaryAwait?.(workflow);
  }

  onCommit(): void {
    this.commits += 1;
    for (const observer of this.#observers) observer.onCommit?.();
  }

  onFenced(): void {
    this.fenced += 1;
    for (const observer of this.#observers) observer.onFenced?.();
  }

  onStale(): void {
    this.stale += 1;
    for (const observer of this.#observers) observer.onStale?.();
  }

  onWake(): void {
    this.wakes += 1;
    for (const observer of this.#observers) observer.onWake?.();
  }

  onDispatch(step: string): void {
    this.dispatches += 1;
    for (const observer of this.#observers) observer.onDispatch?.(step);
  }

  onAttempt(step: string): void {
    this.attempts += 1;
    for (const observer of this.#observers) observer.onAttempt?.(step);
  }

  onAttemptEnd(step: string, outcome: EventType, durationMs: number): void {
    for (const observer of this.#observers) observer.onAttemptEnd?.(step, outcome, durationMs);
  }
}
