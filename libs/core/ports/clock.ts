/** Time as the store sees it, in epoch milliseconds. */
export abstract class Clock {
  abstract now(): number;
  /** Calls back once at `at`, or as soon as possible if that has passed. @returns a function that cancels it. */
  abstract schedule(at: number, callback: () => void): () => void;
  /**
   * Sets the clock by that of the store, so that all processes agree on leases and timers.
   *
   * @param time that of the store, in epoch milliseconds
   * @param uncertaintyMs by how much that may be too early or too late, since its answer took some time to come
   */
  abstract follow(time: number, uncertaintyMs: number): void;
}
