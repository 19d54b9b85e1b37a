import { WorkflowCancelledError } from '../core/index.js';

/** An attempt that runs in this process, and may be told to stop. */
export class RunningAttempt {
  private reason: Error | undefined;
  private controller: AbortController | undefined;
  private giveUp: ((reason: Error) => void) | undefined;

  /** Made when it is asked for: few steps look at it. */
  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.reason) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  /** It was told to stop because nobody wants its outcome any more, rather than because it took too long. */
  get isCancelled(): boolean {
    return this.reason instanceof WorkflowCancelledError;
  }

  /** Whoever waits for the body is told at once, be the body told or not. Once is enough. */
  abort(reason: Error): void {
    if (this.reason) return;
    this.reason = reason;
    this.giveUp?.(reason);
    this.controller?.abort(reason);
  }

  /** Runs the body. Rejects when the attempt is told to stop, however long the body goes on. */
  run(body: () => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.giveUp = reject;
      Promise.resolve(body()).then(resolve, reject);
    });
  }
}
