/** What other processes should know as soon as it has happened. Each is a hint: the store says so too, later. */
export type Notice =
  | { readonly type: 'run.ended'; readonly runId: string }
  /** There may be something for a run to go on with; `owner` is the process that holds it, if one does. */
  | { readonly type: 'run.wake'; readonly runId: string; readonly owner?: string }
  /** The attempts of a step call are to stop. */
  | { readonly type: 'step.aborted'; readonly runId: string; readonly stepId: string };

/** Tells all processes that share the store, this one included, so that nobody has to poll. */
export abstract class Notifier {
  /** Begins to listen to other processes. Rejects if they cannot be reached; what is published until then is not lost here. */
  abstract open(): Promise<void>;
  /** Returns at once and never throws: what cannot be sent is lost. */
  abstract publish(notice: Notice): void;
  /** @returns a function that ends the subscription. */
  abstract subscribe(listener: (notice: Notice) => void): () => void;
  /**
   * Calls back when notices of others may have been lost, since they could not be heard for a while: whoever waits for
   * one looks for himself.
   *
   * @returns a function that ends the subscription
   */
  abstract onMissed(listener: () => void): () => void;
  /** Sends what is waiting to be sent, then lets go of its connections. Safe to call twice. */
  abstract close(): Promise<void>;
}

/** What a store is given to make its notifier. */
export interface NotifierOptions {
  /** Told what went wrong: what a listener threw, and once for each outage that others cannot be reached. */
  readonly onError: (error: unknown) => void;
}
