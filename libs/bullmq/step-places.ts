/** How long a call that was taken along with others waits for a place: they should be done by then. */
const PATIENCE_MS = 250;

/** The step calls that a process has room for at once, whatever jobs they have come in. */
export class StepPlaces {
  /** Those who wait for a place, in their order. */
  private readonly waiting = new Set<(hasPlace: boolean) => void>();
  private isClosed = false;

  constructor(private free: number) {}

  /** @returns false if there is no place for long, or no more at all */
  take(): boolean | Promise<boolean> {
    if (this.isClosed) return false;
    if (this.free === 0) return this.wait();
    this.free -= 1;
    return true;
  }

  /** Gives a place to the next one. */
  leave(): void {
    const [next] = this.waiting;
    if (next) next(true);
    else this.free += 1;
  }

  /** Gives no more places. */
  close(): void {
    this.isClosed = true;
    for (const answer of this.waiting) answer(false);
  }

  private wait(): Promise<boolean> {
    return new Promise((resolve) => {
      const answer = (hasPlace: boolean): void => {
        clearTimeout(timer);
        this.waiting.delete(answer);
        resolve(hasPlace);
      };
      const timer = setTimeout(answer, PATIENCE_MS, false);
      this.waiting.add(answer);
    });
  }
}
