import type { Clock } from '../core/index.js';

/** Delays that end at once when the process stops, so that no timer outlives it. */
export class Delays {
  private readonly waiting = new Map<() => void, (isOver: boolean) => void>();
  private isStopped = false;

  constructor(private readonly clock: Clock) {}

  /** @returns whether the time has passed: false if the process has stopped instead */
  wait(ms: number): Promise<boolean> {
    if (this.isStopped) return Promise.resolve(false);
    return new Promise((resolve) => {
      const disarm = this.clock.schedule(this.clock.now() + ms, () => {
        this.waiting.delete(disarm);
        resolve(true);
      });
      this.waiting.set(disarm, resolve);
    });
  }

  stop(): void {
    this.isStopped = true;
    for (const [disarm, resolve] of this.waiting) {
      disarm();
      resolve(false);
    }
    this.waiting.clear();
  }
}
