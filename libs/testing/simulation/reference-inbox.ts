import type { ReferenceShield } from './reference-primitives.js';
import type { HookPayload } from './run-program.js';

/** A hook of many payloads, as the reference has it. */
export class ReferenceInbox implements AsyncIterable<HookPayload> {
  private readonly received: HookPayload[] = [];
  private readonly takers: { resolve(result: IteratorResult<HookPayload>): void; reject(reason: Error): void }[] = [];
  private isClosed = false;

  /**
   * @param failure why it is not open any more
   * @param shield what protects those who read it
   * @param takeInterruption an interruption that found nobody waiting
   */
  constructor(
    private failure: Error | undefined,
    private readonly shield: ReferenceShield | undefined,
    private readonly takeInterruption: () => Error | undefined,
  ) {}

  get isOpen(): boolean {
    return !this.isClosed && !this.failure;
  }

  get isRead(): boolean {
    return this.takers.length > 0;
  }

  receive(payload: HookPayload): void {
    const taker = this.takers.shift();
    if (taker) taker.resolve({ done: false, value: payload });
    else if (!this.isClosed) this.received.push(payload);
  }

  /** It takes nothing any more. What it has received can still be read. */
  fail(reason: Error): void {
    if (this.isClosed) return;
    this.failure ??= reason;
    for (const taker of this.takers.splice(0)) taker.reject(reason);
  }

  /** @returns whether anybody waited. */
  interrupt(reason: Error): boolean {
    if (this.shield) {
      if (this.takers.length > 0) this.shield.keptOff.add(reason);
      return false;
    }
    const waiting = this.takers.splice(0);
    for (const taker of waiting) taker.reject(reason);
    return waiting.length > 0;
  }

  [Symbol.asyncIterator](): AsyncIterator<HookPayload> {
    return {
      next: () => this.next(),
      return: async () => {
        this.isClosed = true;
        for (const taker of this.takers.splice(0)) taker.resolve({ done: true, value: undefined });
        return { done: true, value: undefined };
      },
    };
  }

  private next(): Promise<IteratorResult<HookPayload>> {
    const value = this.received.shift();
    if (value) return Promise.resolve({ done: false, value });
    const failure = this.failure ?? (this.isClosed ? undefined : this.takeInterruption());
    if (failure) return handled(Promise.reject(failure));
    if (this.isClosed) return Promise.resolve({ done: true, value: undefined });
    return handled(new Promise((resolve, reject) => this.takers.push({ resolve, reject })));
  }
}

function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
