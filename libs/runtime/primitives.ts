import {
  type Duration,
  durationToMs,
  type Hook,
  hookUrl,
  InvalidInputError,
  WorkflowTimeoutError,
} from '../core/index.js';
import { assertName, assertOptions } from './check-options.js';
import { currentExecution, unguarded } from './context.js';
import { isHookToken, TOKEN_RULE } from './hook-token.js';

/**
 * Waits without holding anything: the run is put aside until the time has come.
 *
 * @param time a duration (`'5m'`, `'1h30m'`, seconds, `{ hours: 2 }`) or the date to wait for
 * @throws InvalidInputError if it is no duration, or a date that has passed
 */
export function sleep(time: Duration | Date): Promise<void> {
  if (time instanceof Date) return sleepUntil(time);
  const execution = currentExecution('sleep()');
  return execution.sleepUntil(execution.now + durationToMs(time));
}

/** Waits until a date. @throws InvalidInputError if it has passed, or is no date. */
export function sleepUntil(date: Date): Promise<void> {
  const execution = currentExecution('sleepUntil()');
  const fireAt = date instanceof Date ? date.getTime() : Number.NaN;
  if (Number.isNaN(fireAt)) throw new InvalidInputError('sleepUntil() takes a valid Date.');
  if (fireAt < execution.now) {
    throw new InvalidInputError(
      `sleepUntil(${date.toISOString()}) is in the past: it is ${new Date(execution.now).toISOString()} in this run. Check the date, or skip the wait.`,
    );
  }
  return execution.sleepUntil(fireAt);
}

/** What `createHook` and `createWebhook` take. */
export interface CreateHookOptions {
  /** Names the hook in the history. @default 'hook' */
  readonly name?: string;
  /** A token of your choice, unique among live hooks. @default a secret one that cannot be guessed */
  readonly token?: string;
  /** Rejects with HookExpiredError when nothing came in that time. @default never */
  readonly timeout?: Duration;
  /** Takes any number of payloads: read them with `for await`, end with `close()`. @default false */
  readonly multiple?: boolean;
}

/**
 * Opens a place where the world can hand this run a payload: await it, and give its `token` to whoever is to answer
 * with `client.resumeHook(token, payload)`.
 */
export function createHook<T = unknown>(options: CreateHookOptions = {}): Hook<T> {
  return openHook<T>(options, false);
}

/** A hook whose payloads its definition has to accept: a process that lacks the definition delivers nothing to it. */
export function createDefinedHook<T>(options: CreateHookOptions): Hook<T> {
  return openHook<T>(options, true);
}

function openHook<T>(options: CreateHookOptions, defined: boolean): Hook<T> {
  const execution = currentExecution('createHook()');
  assertOptions('createHook()', options, HOOK_OPTIONS);
  const { name = 'hook', token, timeout, multiple } = options;
  assertName('a hook', name);
  if (token !== undefined && !isHookToken(token))
    throw new InvalidInputError(`The token of a hook is ${TOKEN_RULE}, since it is part of a URL.`);
  if (multiple !== undefined && typeof multiple !== 'boolean')
    throw new InvalidInputError(`multiple must be true or false; it is ${JSON.stringify(multiple)}.`);
  return execution.hook<T>(name, {
    token,
    multiple,
    defined,
    timeoutMs: timeout === undefined ? undefined : durationToMs(timeout, 'timeout'),
  });
}

const HOOK_OPTIONS = ['name', 'token', 'timeout', 'multiple'];

/**
 * Opens a hook that has a `url`, to which anybody who has it can POST the payload. Needs `publicUrl`, and `webhooks` in
 * the process that answers the URL.
 *
 * @throws InvalidInputError if no public address is configured
 */
export function createWebhook<T = unknown>(options: CreateHookOptions = {}): Hook<T> {
  hookUrl(currentExecution('createWebhook()'), ''); // fails before the hook is part of the history
  assertOptions('createWebhook()', options, HOOK_OPTIONS);
  const { name = 'webhook' } = options;
  return createHook<T>({ ...options, name });
}

/** What `hook` takes besides the name. */
export interface HookOptions extends Omit<CreateHookOptions, 'name' | 'multiple'> {
  /** Called once with the new hook, before it is waited for: the place to send its token to someone, in a step. */
  readonly onCreated?: (hook: Hook<unknown>) => unknown;
}

/** Opens a hook, hands it to `onCreated`, and waits for its payload. */
export async function hook<T = unknown>(name: string, options: HookOptions = {}): Promise<T> {
  assertOptions('hook()', options, ['token', 'timeout', 'onCreated']);
  const { onCreated, token, timeout: limit } = options;
  if (onCreated !== undefined && typeof onCreated !== 'function')
    throw new InvalidInputError('onCreated must be a function that takes the hook.');
  const created = createHook<T>({ name, token, timeout: limit });
  await onCreated?.(created as Hook<unknown>);
  return created;
}

/** The time inside the workflow: that of the last event, the same on every replay. */
export function now(): Date {
  return new Date(currentExecution('now()').now);
}

/** A random number from 0 to 1, the same on every replay. */
export function random(): number {
  return currentExecution('random()').random();
}

/** A random UUID (version 4), the same on every replay. */
export function randomUUID(): string {
  return currentExecution('randomUUID()').randomUUID();
}

/**
 * Runs a small function once and records what it returns or throws; a replay gives the recorded result.
 * It is not retried: whatever can fail, or takes long, belongs in a step.
 */
export function sideEffect<T>(effect: () => T | Promise<T>): Promise<T> {
  if (typeof effect !== 'function') throw new InvalidInputError('sideEffect() takes a function.');
  return currentExecution('sideEffect()').sideEffect(unguarded(effect)) as Promise<T>;
}

/** As `Promise.race`, and drops the timers that lost. */
export async function race<const T extends readonly unknown[]>(contestants: T): Promise<Awaited<T[number]>> {
  const execution = currentExecution('race()');
  if (!Array.isArray(contestants)) throw new InvalidInputError('race() takes a list of promises.');
  try {
    return await Promise.race(contestants);
  } finally {
    for (const contestant of contestants) execution.dropTimer(contestant);
  }
}

/**
 * Waits for a promise, but not longer than `limit`.
 *
 * @throws WorkflowTimeoutError if the time is up first. The step behind the promise goes on.
 */
export async function timeout<T>(promise: PromiseLike<T>, limit: Duration): Promise<T> {
  const execution = currentExecution('timeout()');
  if (typeof (promise as Partial<PromiseLike<T>> | null | undefined)?.then !== 'function')
    throw new InvalidInputError("timeout() takes a promise, such as that of a step: timeout(step(), '1h').");
  const timer = sleep(limit);
  const expiry = timer.then(() => {
    throw new WorkflowTimeoutError(`Nothing came within ${JSON.stringify(limit)}.`);
  });
  try {
    return await Promise.race([promise, expiry]);
  } finally {
    execution.dropTimer(timer);
  }
}

/**
 * Calls a function for each item, at most `concurrency` at once, and gives the results in the items' order.
 * Rejects with the first failure, after which no further item is begun.
 */
export async function parallel<T, R>(
  items: Iterable<T>,
  fn: (item: T, index: number) => Promise<R>,
  options: { readonly concurrency?: number } = {},
): Promise<R[]> {
  if (typeof (items as unknown as Partial<Iterable<T>> | null)?.[Symbol.iterator] !== 'function')
    throw new InvalidInputError('parallel() takes a list, or something else to iterate over, as its first argument.');
  if (typeof fn !== 'function') throw new InvalidInputError('parallel() takes a function as its second argument.');
  assertOptions('parallel()', options, ['concurrency']);
  const { concurrency = Infinity } = options;
  if (!(concurrency >= 1)) throw new InvalidInputError(`concurrency must be at least 1; it is ${String(concurrency)}.`);
  const all = [...items];
  const results = new Array<R>(all.length);
  let next = 0;
  let failed = false;
  const lane = async (): Promise<void> => {
    while (next < all.length && !failed) {
      const index = next++;
      try {
        results[index] = await fn(all[index] as T, index);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, all.length) }, lane));
  return results;
}
