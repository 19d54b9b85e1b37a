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

  /** @param isOver what those are told who wait */
  end(isOver: boolean): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const [disarm, resolve] of waiting) {
      disarm();
      resolve(isOver);
    }
  }

  stop(): void {
    this.isStopped = true;
    this.end(false);
  }
}
