import type { Clock, RateLimit } from '../core/index.js';

type Time = Pick<Clock, 'now' | 'schedule'>;

const MACHINE: Time = {
  now: () => performance.now(),
  schedule(at, callback) {
    const timer = setTimeout(callback, Math.max(0, at - performance.now()));
    return () => clearTimeout(timer);
  },
};

/** Counts what begins within windows of time; the first of each opens it. */
export class RateWindow {
  private admitted = 0;
  private until: number | undefined;
  private cancel: (() => void) | undefined;

  constructor(
    private readonly limit: RateLimit,
    /** Called when a window in which somebody was turned away is over. */
    private readonly onOpen: () => void,
    private readonly time: Time = MACHINE,
  ) {}

  /** Counts one in, or says no and calls back later. */
  admits(): boolean {
    const now = this.time.now();
    if (this.until === undefined || now >= this.until) {
      this.until = now + this.limit.durationMs;
      this.admitted = 0;
    }
    if (this.admitted < this.limit.max) {
      this.admitted += 1;
      return true;
    }
    this.cancel ??= this.time.schedule(this.until, () => {
      this.cancel = undefined;
      this.onOpen();
    });
    return false;
  }

  close(): void {
    this.cancel?.();
  }
}
