/** Counts what has begun and what has ended, to know when nothing is going on. */
export class Activity {
  begun = 0;
  private ended = 0;

  get isGoingOn(): boolean {
    return this.begun > this.ended;
  }

  /** Tells whether anything has begun or ended in between. */
  get mark(): string {
    return `${this.begun} ${this.ended}`;
  }

  async during<T>(work: () => T | Promise<T>): Promise<T> {
    this.begun += 1;
    try {
      return await work();
    } finally {
      this.ended += 1;
    }
  }

  /** Counts the calls of methods that give promises. */
  watch<T extends object>(object: T, methods: readonly (keyof T)[]): void {
    for (const name of methods) {
      const method = object[name] as (...args: unknown[]) => unknown;
      const watched = (...args: unknown[]): unknown => this.during(() => Reflect.apply(method, object, args));
      Object.defineProperty(object, name, { value: watched, configurable: true, writable: true });
    }
  }
}
