import { LatestApart } from './latest-apart.js';
import { isRecordable, Waiter, type WaiterKind } from './waiter.js';
import type { Scope } from './scope.js';

/** What a wait comes to. */
export type Settlement = { readonly value: unknown } | { readonly reason: unknown };

/** What a workflow waits for, in the order in which it began to. */
export class Waiters implements Iterable<Waiter> {
  private readonly open = new LatestApart<Waiter>();

  /** Whether it waits for something that an outcome settles. */
  get awaitOutcome(): boolean {
    return this.open.some(isRecordable);
  }

  [Symbol.iterator](): Iterator<Waiter> {
    return this.open.values();
  }

  add(kind: WaiterKind, id: string, scope: Scope): Waiter {
    const waiter = new Waiter(kind, id, scope);
    this.open.set(kind, id, waiter);
    return waiter;
  }

  /** @returns false if nobody waits for it */
  drop(kind: WaiterKind, id: string): boolean {
    return this.open.delete(kind, id);
  }

  /** @returns the id of the sleep behind a promise, which nobody waits for any more */
  dropSleep(promise: unknown): string | undefined {
    for (const { kind, id, promise: awaited } of this) {
      if (awaited === promise && kind === 'sleep' && this.drop(kind, id)) return id;
    }
    return undefined;
  }

  settle(kind: WaiterKind, id: string, settlement: Settlement): void {
    const waiter = this.open.get(kind, id);
    if (!waiter) return; // cancelled or dropped by the code
    this.open.delete(kind, id);
    if ('reason' in settlement) waiter.reject(settlement.reason);
    else waiter.resolve(settlement.value);
  }

  /** Lets two places of the code change what they wait for. */
  swap(kind: WaiterKind, a: string, b: string): void {
    const waiters = [this.open.get(kind, a), this.open.get(kind, b)];
    for (const [waiter, id] of [
      [waiters[0], b],
      [waiters[1], a],
    ] as const) {
      if (waiter) this.open.set(kind, id, waiter);
      else this.open.delete(kind, id); // dropped by the code
      if (waiter) waiter.id = id;
    }
  }

  clear(): void {
    this.open.clear();
  }
}
