import { Clock } from '../../core/index.js';

/** One process' idea of the time: off by a skew, which may jump. Its timers measure durations and do not jump. */
export class ProcessClock extends Clock {
  /** How many timers are set. */
  timers = 0;

  constructor(
    private readonly trueNow: () => number,
    private readonly later: (delayMs: number, callback: () => void) => () => void,
    public skewMs: number,
  ) {
    super();
  }

  override now(): number {
    return Math.floor(this.trueNow() + this.skewMs);
  }

  /** The store of the simulation has no clock. */
  override follow(): void {}

  override schedule(at: number, callback: () => void): () => void {
    let isSet = true;
    this.timers += 1;
    const unset = (): void => {
      this.timers -= isSet ? 1 : 0;
      isSet = false;
    };
    const cancel = this.later(Math.max(0, at - this.now()), () => {
      unset();
      callback();
    });
    return () => {
      unset();
      cancel();
    };
  }
}
