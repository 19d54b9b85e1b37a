import { Clock } from '../core/index.js';

/** The longest delay that Node's timers take. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

// Taken at load time: a test that fakes the timers must not stop the engine.
const { setTimeout: startTimer, clearTimeout: stopTimer } = globalThis;
const systemNow = Date.now.bind(Date);

/** The machine's time. */
export class SystemClock extends Clock {
  now(): number {
    return systemNow();
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
}
