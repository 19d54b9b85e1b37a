import { type Notice, Listeners, Notifier } from '../core/index.js';
import { warn } from './warn.js';

export interface InProcessNotifierOptions {
  /** Told what a listener threw. @default a warning of the process */
  readonly onError?: (error: unknown) => void;
}

/** Tells those who listen in the same process. */
export class InProcessNotifier extends Notifier {
  private readonly listeners: Listeners<Notice>;
  private isClosed = false;

  constructor({ onError = warn }: InProcessNotifierOptions = {}) {
    super();
    this.listeners = new Listeners(onError);
  }

  override async open(): Promise<void> {}

  override publish(notice: Notice): void {
    if (!this.isClosed) this.listeners.tell(notice);
  }

  override subscribe(listener: (notice: Notice) => void): () => void {
    return this.listeners.add(listener);
  }

  /** Nothing is lost between those who share an object. */
  override onMissed(_listener: () => void): () => void {
    return () => {};
  }

  override async close(): Promise<void> {
    this.isClosed = true;
    this.listeners.clear();
  }
}
