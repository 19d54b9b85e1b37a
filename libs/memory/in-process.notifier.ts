import { type Notice, Notifier } from '../core/index.js';
import { warn } from './warn.js';

export interface InProcessNotifierOptions {
  /** Told what a listener threw. @default a warning of the process */
  readonly onError?: (error: unknown) => void;
}

/** Tells those who listen in the same process. */
export class InProcessNotifier extends Notifier {
  private readonly listeners = new Set<{ readonly notify: (notice: Notice) => void }>();
  private readonly onError: (error: unknown) => void;

  constructor({ onError = warn }: InProcessNotifierOptions = {}) {
    super();
    this.onError = onError;
  }

  override async open(): Promise<void> {}

  override publish(notice: Notice): void {
    for (const { notify } of [...this.listeners]) {
      try {
        notify(notice);
      } catch (error) {
        this.onError(error);
      }
    }
  }

  override subscribe(listener: (notice: Notice) => void): () => void {
    // Wrapped, so that a function that subscribes twice has two subscriptions to end.
    const subscription = { notify: listener };
    this.listeners.add(subscription);
    return () => void this.listeners.delete(subscription);
  }

  override async close(): Promise<void> {}
}
