import type { Scope } from './scope.js';

export type WaiterKind = 'step' | 'sleep' | 'hook' | 'side_effect';

/** A promise that the engine holds, and what it waits for. */
export class Waiter {
  readonly promise: Promise<unknown>;
  resolve!: (value: unknown) => void;
  private rejectPromise!: (reason: unknown) => void;

  constructor(
    readonly kind: WaiterKind,
    public id: string,
    /** The code that waits. */
    readonly scope: Scope,
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.rejectPromise = reject;
    });
  }

  reject(reason: unknown): void {
    // A workflow may hold a failed step for later, and Node ends the process over a rejection nobody has handled yet.
    this.promise.catch(() => {});
    this.rejectPromise(reason);
  }
}

/** The commands that open what is waited for, and those that close it. */
export const OPENING = { step: 'step.scheduled', sleep: 'sleep.started', hook: 'hook.created' } as const;
export const CLOSING = { step: 'step.cancelled', sleep: 'sleep.cancelled', hook: 'hook.closed' } as const;

/** Waits for what a command has opened. A side effect is recorded when it is over, and comes to its end in any case. */
export type Recordable = Waiter & { readonly kind: keyof typeof OPENING };

export function isRecordable(waiter: Waiter): waiter is Recordable {
  return waiter.kind !== 'side_effect';
}
