export type WaiterKind = 'step' | 'sleep' | 'hook' | 'side_effect';

/** A promise that the engine holds, and what it waits for. */
export class Waiter {
  readonly promise: Promise<unknown>;
  resolve!: (value: unknown) => void;
  reject!: (reason: unknown) => void;

  constructor(
    readonly kind: WaiterKind,
    public id: string,
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // A workflow may hold a failed step for later. Node ends the process over a
    // rejection nobody has handled yet, so each outcome gets a handler at birth.
    this.promise.catch(() => {});
  }
}
