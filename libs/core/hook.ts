import { InvalidInputError } from './errors.js';
import type { HookPosition } from './history-event.js';
import type { Scope } from './scope.js';

export interface HookOptions {
  /** A token of the caller's choice; unique and unguessable by default. */
  readonly token?: string;
  /** Expires this long after it was created. @default never */
  readonly timeoutMs?: number;
  /** Takes any number of payloads, read with `for await`. @default false */
  readonly multiple?: boolean;
  /** It has a definition, which whoever delivers to it must know. @default false */
  readonly defined?: boolean;
}

/** What a hook needs of the execution that made it. */
export interface HookOwner {
  readonly isDead: boolean;
  /** The address that the token of a hook is appended to, if hooks have one. */
  readonly hookBaseUrl: string | undefined;
  /** The code that is calling. */
  readonly scope: Scope;
  /** @throws CheckpointError if the code has to await a checkpoint first */
  assertNoCheckpoint(): void;
  closeHook(id: string): void;
}

/**
 * A place where the world can hand a run a payload, by its secret token.
 *
 * A hook of one payload is awaited; a hook of many is iterated with `for await` until it is closed.
 * It can be delivered to as soon as the commit that creates it is written, and not before.
 */
export class Hook<T> implements PromiseLike<T>, AsyncIterable<T> {
  private readonly buffer: T[] = [];
  private takers: Taker<T>[] = [];
  private ending: { readonly error?: Error } | undefined;

  /** Made by `createHook`. */
  constructor(
    readonly id: string,
    readonly token: string,
    private readonly payload: Promise<T>,
    readonly multiple: boolean,
    private readonly owner: HookOwner,
  ) {}

  /**
   * Where to POST the payload: the public address of hooks and the token, so whoever has it can answer.
   *
   * @throws InvalidInputError if no public address is configured
   */
  get url(): string {
    return hookUrl(this.owner, this.token);
  }

  // oxlint-disable-next-line unicorn/no-thenable -- awaiting a hook is what it is for
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.single().then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.single().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.single().finally(onFinally);
  }

  /** Takes no more payloads. What has been delivered can still be read. */
  close(): void {
    if (this.owner.isDead) return;
    this.owner.assertNoCheckpoint();
    this.owner.closeHook(this.id);
    this.end({});
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    if (!this.multiple)
      throw new InvalidInputError(
        `Hook "${this.id}" takes one payload: await it, or create it with { multiple: true } to iterate.`,
      );
    return {
      next: () => this.next(),
      return: async () => {
        this.close();
        return { done: true, value: undefined };
      },
    };
  }

  /** @internal A payload has been delivered to a hook of many. */
  receive(value: T): void {
    const taker = this.takers.shift();
    if (taker) taker.resolve({ done: false, value });
    else this.buffer.push(value);
  }

  /** @internal The hook expired, or never opened. */
  fail(error: Error): void {
    this.end({ error });
  }

  /** @internal Somebody waits for the next payload. */
  get isAwaited(): boolean {
    return this.takers.length > 0;
  }

  /** @internal How many payloads wait to be read. */
  get unread(): number {
    return this.buffer.length;
  }

  /** @internal Leaves it as it was at a checkpoint: what has been read since it was made is not given again. */
  restore({ unread = 0, closed }: HookPosition): void {
    this.buffer.splice(0, this.buffer.length - unread);
    if (closed) this.end({});
  }

  /** @internal Rejects those who wait just now and are to be told; the hook stays open. @returns whether there were any. */
  interrupt(error: Error, isReached: (scope: Scope) => boolean): boolean {
    const reached = this.takers.filter(({ scope }) => isReached(scope));
    this.takers = this.takers.filter((taker) => !reached.includes(taker));
    for (const taker of reached) taker.reject(error);
    return reached.length > 0;
  }

  private single(): Promise<T> {
    if (!this.multiple) return this.payload;
    return this.next().then((result) => {
      if (result.done) throw new InvalidInputError(`Hook "${this.id}" is closed.`);
      return result.value;
    });
  }

  private next(): Promise<IteratorResult<T, undefined>> {
    if (this.owner.isDead) return new Promise(() => {});
    this.owner.assertNoCheckpoint();
    if (this.buffer.length > 0) return Promise.resolve({ done: false, value: this.buffer.shift() as T });
    if (this.ending?.error) return handled(Promise.reject(this.ending.error));
    if (this.ending) return Promise.resolve({ done: true, value: undefined });
    const { scope } = this.owner;
    const interruption = scope.take();
    if (interruption) return handled(Promise.reject(interruption));
    return handled(new Promise((resolve, reject) => this.takers.push({ scope, resolve, reject })));
  }

  private end(ending: { readonly error?: Error }): void {
    this.ending ??= ending;
    for (const taker of this.takers.splice(0)) {
      if (ending.error) taker.reject(ending.error);
      else taker.resolve({ done: true, value: undefined });
    }
  }
}

/** @throws InvalidInputError if no public address is configured */
export function hookUrl({ hookBaseUrl }: Pick<HookOwner, 'hookBaseUrl'>, token: string): string {
  if (hookBaseUrl !== undefined) return `${hookBaseUrl}/${token}`;
  throw new InvalidInputError(
    'Hooks have no URL, because no public address is configured. Set publicUrl in the options of the module, or PYWORKFLOW_PUBLIC_URL, in every process that runs workflows.',
  );
}

interface Taker<T> {
  readonly scope: Scope;
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (reason: Error) => void;
}

function handled<P extends Promise<unknown>>(promise: P): P {
  promise.catch(() => {});
  return promise;
}
