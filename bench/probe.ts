// Taken at load time: in workflow code it is the time of the run.
const now = performance.now.bind(performance);

/** What workflows and steps tell the measurement, which runs in the same process. */
export class Probe {
  /** When the last step body ran. */
  lastStepAt = 0;
  /** When each sleep was to end: only the first execution of the code before it counts. */
  readonly due = new Map<number, number>();
  /** When the code after each sleep ran. */
  readonly woken = new Map<number, number>();
  /** When each key was waited for last. */
  readonly waiting = new Map<string, number>();

  /** The body of every step of every engine. */
  async step(value: number): Promise<number> {
    this.lastStepAt = now();
    return value + 1;
  }

  /** Before a durable sleep. */
  sleeps(index: number, ms: number): void {
    if (!this.due.has(index)) this.due.set(index, now() + ms);
  }

  /** After a durable sleep. */
  wakes(index: number): void {
    if (!this.woken.has(index)) this.woken.set(index, now());
  }

  /** Before waiting for something from outside. */
  waits(key: string): void {
    this.waiting.set(key, now());
  }
}
