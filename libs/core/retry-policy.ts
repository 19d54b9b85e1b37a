import { type Duration, durationToMs } from './duration.js';
import { FatalError, InvalidInputError, RetryableError } from './errors.js';

/** How long to wait before the next attempt. */
export type Backoff =
  | 'exponential'
  | 'fixed'
  | Duration
  | readonly Duration[]
  | BackoffPolicy
  | ((failures: number, error: unknown) => Duration);

/** Waits that grow from attempt to attempt. */
export interface BackoffPolicy {
  /** Before the second attempt. @default '1s' */
  readonly initialInterval?: Duration;
  /** Each wait is this many times the one before. @default 2 */
  readonly coefficient?: number;
  /** No wait is longer. @default '1h' */
  readonly maximumInterval?: Duration;
  /** Shortens each wait at random by up to this part of it, 0 to 1. @default 0.1 */
  readonly jitter?: number;
}

export interface RetryOptions {
  /** How many attempts may follow a failed first one. @default 3 */
  readonly maxRetries?: number;
  /** @default 'exponential' */
  readonly backoff?: Backoff;
  /** The same as `backoff`. */
  readonly retryDelay?: Backoff;
  /** Whether an error is worth another attempt. @default every error but FatalError */
  readonly retryIf?: (error: unknown) => boolean;
}

/** How a step call is tried again. Made once, when its options are read. */
export interface RetryPolicy {
  readonly maxRetries: number;
  /** Milliseconds to wait after that many failures. */
  delayAfter(failures: number, error: unknown, random: () => number): number;
  shouldRetry(error: unknown): boolean;
}

export const DEFAULT_MAX_RETRIES = 3;
const DEFAULT_BACKOFF: Required<BackoffPolicy> = {
  initialInterval: '1s',
  coefficient: 2,
  maximumInterval: '1h',
  jitter: 0.1,
};

/** @throws InvalidInputError if an option makes no sense. */
export function retryPolicy(options: RetryOptions = {}): RetryPolicy {
  const { maxRetries = DEFAULT_MAX_RETRIES, backoff, retryDelay, retryIf } = options;
  if (!Number.isInteger(maxRetries) || maxRetries < 0) {
    if (maxRetries !== Infinity)
      throw new InvalidInputError(
        `maxRetries must be a whole number from 0, or Infinity; it is ${String(maxRetries)}.`,
      );
  }
  if (backoff !== undefined && retryDelay !== undefined)
    throw new InvalidInputError('backoff and retryDelay are two names of one option: give one of them.');
  if (retryIf !== undefined && typeof retryIf !== 'function')
    throw new InvalidInputError('retryIf must be a function that takes the error.');
  return {
    maxRetries,
    delayAfter: delays(backoff ?? retryDelay ?? 'exponential'),
    shouldRetry: (error) => !(error instanceof FatalError) && (retryIf ? isWorthIt(retryIf(error)) : true),
  };
}

/** A promise would always be true. */
function isWorthIt(answer: unknown): boolean {
  if (answer instanceof Promise)
    throw new InvalidInputError('retryIf must answer at once, with true or false; it gave a promise.');
  return Boolean(answer);
}

export type RetryDecision =
  { readonly type: 'retry'; readonly delayMs: number } | { readonly type: 'give_up' } | { readonly type: 'exhausted' };

/** What to do about an attempt that has failed `now`, as the `failures`th of its call. */
export function decideRetry(
  policy: RetryPolicy,
  error: unknown,
  failures: number,
  now: number,
  random: () => number,
): RetryDecision {
  if (!policy.shouldRetry(error)) return { type: 'give_up' };
  if (failures > policy.maxRetries) return { type: 'exhausted' };
  if (error instanceof RetryableError && error.retryAfter !== undefined) {
    return { type: 'retry', delayMs: delayAsTold(error.retryAfter, now) };
  }
  return { type: 'retry', delayMs: policy.delayAfter(failures, error, random) };
}

function delayAsTold(retryAfter: string | number | object, now: number): number {
  if (!(retryAfter instanceof Date)) return durationToMs(retryAfter as Duration, 'retryAfter');
  const ms = retryAfter.getTime();
  if (Number.isNaN(ms)) throw new InvalidInputError('retryAfter is an invalid date.');
  return Math.max(0, ms - now);
}

function delays(backoff: Backoff): RetryPolicy['delayAfter'] {
  if (backoff === 'exponential') return intervals({});
  if (backoff === 'fixed') return () => 1_000;
  if (typeof backoff === 'function')
    return (failures, error) => durationToMs(backoff(failures, error), 'delay of a backoff function');
  if (Array.isArray(backoff)) return listed(backoff as readonly Duration[]);
  if (isBackoffPolicy(backoff)) return intervals(backoff);
  const delay = durationToMs(backoff as Duration, 'backoff');
  return () => delay;
}

function listed(list: readonly Duration[]): RetryPolicy['delayAfter'] {
  if (list.length === 0)
    throw new InvalidInputError(
      'A backoff list needs at least one duration; its last one is used for all further attempts.',
    );
  const delays = list.map((delay) => durationToMs(delay, 'backoff'));
  return (failures) => delays[Math.min(failures, delays.length) - 1] as number;
}

function intervals(policy: BackoffPolicy): RetryPolicy['delayAfter'] {
  const { initialInterval, coefficient, maximumInterval, jitter } = { ...DEFAULT_BACKOFF, ...policy };
  const initial = durationToMs(initialInterval, 'initialInterval');
  const maximum = durationToMs(maximumInterval, 'maximumInterval');
  if (!(coefficient >= 1)) throw new InvalidInputError(`coefficient must be 1 or more; it is ${String(coefficient)}.`);
  if (!(jitter >= 0 && jitter <= 1))
    throw new InvalidInputError(`jitter must be between 0 and 1; it is ${String(jitter)}.`);
  return (failures, _error, random) =>
    Math.round(
      Math.min(initial * Math.min(coefficient ** (failures - 1), Number.MAX_VALUE), maximum) * (1 - jitter * random()),
    );
}

const POLICY_FIELDS: ReadonlySet<string> = new Set(Object.keys(DEFAULT_BACKOFF));

function isBackoffPolicy(backoff: unknown): backoff is BackoffPolicy {
  return (
    typeof backoff === 'object' && backoff !== null && Object.keys(backoff).every((field) => POLICY_FIELDS.has(field))
  );
}
