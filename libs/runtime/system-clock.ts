import { Clock } from '../core/index.js';

/** The longest delay that Node's timers take. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** By how much the store's time may differ before the clock is set: less is the network's doing. */
const TOLERANCE_MS = 50;

// Taken at load time: a test that fakes the timers must not stop the engine.
const { setTimeout: startTimer, clearTimeout: stopTimer, performance } = globalThis;
const systemNow = Date.now.bind(Date);
const elapsed = performance.now.bind(performance);

/** The machine's time, or the store's once that is known: measured now and then, and monotonic in between. */
export class SystemClock extends Clock {
  /** What the store's time was when this process' stopwatch stood at 0. */
  private storeOrigin: number | undefined;

  now(): number {
    return this.storeOrigin === undefined ? systemNow() : Math.floor(this.storeOrigin + elapsed());
  }

  schedule(at: number, callback: () => void): () => void {
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const delay = at - this.now();
      timer = delay > LONGEST_DELAY_MS ? startTimer(arm, LONGEST_DELAY_MS) : startTimer(callback, Math.max(0, delay));
    };
    arm();
    return () => stopTimer(timer);
  }

  /** A process that stood still before it got the answer knows the time better than the answer says. */
  follow(time: number, uncertaintyMs: number): void {
    if (this.storeOrigin !== undefined && Math.abs(time - this.now()) < TOLERANCE_MS + uncertaintyMs) return;
    this.storeOrigin = time - elapsed();
  }
}
