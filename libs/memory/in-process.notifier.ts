import { RunNotifier } from '../core/index.js';
import { warn } from './warn.js';

export interface InProcessNotifierOptions {
  /** Told what a listener threw. @default a warning of the process */
  readonly onError?: (error: unknown) => void;
}

/** Tells those who wait in the same process that a run has ended. */
export class InProcessNotifier extends RunNotifier {
  private readonly listeners = new Set<{ readonly notify: (runId: string) => void }>();
  private readonly onError: (error: unknown) => void;

  constructor({ onError = warn }: InProcessNotifierOptions = {}) {
    super();
    this.onError = onError;
  }

  override ended(runId: string): void {
    for (const { notify } of [...this.listeners]) {
      try {
        notify(runId);
      } catch (error) {
        this.onError(error);
      }
    }
  }

  override onEnded(listener: (runId: string) => void): () => void {
    // Wrapped, so that a function that subscribes twice has two subscriptions to end.
    const subscription = { notify: listener };
    this.listeners.add(subscription);
    return () => void this.listeners.delete(subscription);
  }
}
