import type { Duration, RunStatus } from '../../libs/core/index.js';
import type { EventOptions, RunEvent } from './run-event.js';
import type { WorkflowRun } from './workflow-run.js';

/** What `result` takes. */
export interface ResultOptions {
  /** Rejects with ResultTimeoutError after that time; the run goes on. @default waits for ever */
  readonly timeout?: Duration;
}

/** What `cancel` takes. */
export interface CancelOptions {
  /**
   * Waits for the run to end, at most that long; then rejects with ResultTimeoutError, and the run goes on ending.
   * @default resolves once the request is stored
   */
  readonly wait?: Duration;
}

/** What a handle needs of the client that made it. */
export interface RunClient {
  getResult<T>(runId: string, options?: ResultOptions): Promise<T>;
  getRun(runId: string): Promise<WorkflowRun>;
  getEvents(runId: string, options?: EventOptions): Promise<readonly RunEvent[]>;
  cancel(runId: string, options?: CancelOptions): Promise<void>;
  resume(runId: string): Promise<void>;
}

/** A run, to look at it and to deal with it. */
export class WorkflowHandle<T = unknown> {
  // Out of sight of loggers, test reports and the codec.
  readonly #client: RunClient;

  /** Made by `client.start` and `client.getHandle`. */
  constructor(
    readonly runId: string,
    client: RunClient,
  ) {
    this.#client = client;
  }

  /**
   * Waits for the end of the run, and gives what the workflow returned.
   *
   * @throws RunFailedError if the workflow threw, with the error as its `cause`
   * @throws RunCancelledError if the run was cancelled
   * @throws ResultTimeoutError if the time is up
   * @throws NotRunningError if the application is closed first; the run goes on when it starts again
   */
  result(options?: ResultOptions): Promise<T> {
    return this.#client.getResult<T>(this.runId, options);
  }

  /** Where the run stands just now. @throws RunNotFoundError */
  async status(): Promise<RunStatus> {
    return (await this.describe()).status;
  }

  /** All that is known of the run but its history. @throws RunNotFoundError */
  describe(): Promise<WorkflowRun> {
    return this.#client.getRun(this.runId);
  }

  /** The history of the run, in order. @throws RunNotFoundError */
  events(options?: EventOptions): Promise<readonly RunEvent[]> {
    return this.#client.getEvents(this.runId, options);
  }

  /**
   * Asks the run to stop: what it awaits rejects with WorkflowCancelledError, and its `catch` and `finally` run.
   *
   * @throws RunNotFoundError, RunEndedError, ResultTimeoutError if it has not ended within `wait`
   */
  cancel(options?: CancelOptions): Promise<void> {
    return this.#client.cancel(this.runId, options);
  }

  /** Lets a blocked or paused run go on. @throws RunNotFoundError, RunEndedError, InvalidInputError */
  resume(): Promise<void> {
    return this.#client.resume(this.runId);
  }
}
