import { FatalError, InvalidInputError, RetryableError } from './errors.js';
import { type Backoff, decideRetry, DEFAULT_MAX_RETRIES, type RetryOptions, retryPolicy } from './retry-policy.js';

const boom = new Error('boom');
const noChance = (): number => 0;
const NOW = 1_700_000_000_000;
const hostile = (value: unknown): Backoff => value as Backoff;

/** The delays behind the first, second, third and hundredth failure. */
function delays(options: RetryOptions, random = noChance): number[] {
  const policy = retryPolicy(options);
  return [1, 2, 3, 100].map((failures) => policy.delayAfter(failures, boom, random));
}

describe('the delay before the next attempt', () => {
  test.each<[string, Backoff | undefined, number[]]>([
    ['doubles from a second to an hour by default', undefined, [1_000, 2_000, 4_000, 3_600_000]],
    ['doubles from a second to an hour', 'exponential', [1_000, 2_000, 4_000, 3_600_000]],
    ['is a second', 'fixed', [1_000, 1_000, 1_000, 1_000]],
    ['is a duration as text', '5m', [300_000, 300_000, 300_000, 300_000]],
    ['is a number of seconds', 2, [2_000, 2_000, 2_000, 2_000]],
    ['is nothing', 0, [0, 0, 0, 0]],
    ['is a duration in parts', { minutes: 1 }, [60_000, 60_000, 60_000, 60_000]],
    ['comes from a list, whose last one stays', ['1s', 5, { minutes: 1 }], [1_000, 5_000, 60_000, 60_000]],
    ['comes from a list of one', ['1s'], [1_000, 1_000, 1_000, 1_000]],
    ['has the defaults of a policy', {}, [1_000, 2_000, 4_000, 3_600_000]],
    ['grows from the first interval', { initialInterval: '3s' }, [3_000, 6_000, 12_000, 3_600_000]],
    ['grows by the coefficient', { coefficient: 10 }, [1_000, 10_000, 100_000, 3_600_000]],
    ['does not grow by one', { coefficient: 1 }, [1_000, 1_000, 1_000, 1_000]],
    ['stays within the longest interval', { maximumInterval: '3s' }, [1_000, 2_000, 3_000, 3_000]],
    ['stays within it from the first', { initialInterval: '1m', maximumInterval: '3s' }, [3_000, 3_000, 3_000, 3_000]],
    ['is rounded', { initialInterval: '1ms', coefficient: 1.5 }, [1, 2, 2, 3_600_000]],
    ['comes from a function', (failures: number) => failures * 2, [2_000, 4_000, 6_000, 200_000]],
  ])('%s', (_name, backoff, expected) => {
    expect(delays(backoff === undefined ? {} : { backoff })).toEqual(expected);
    expect(delays(backoff === undefined ? {} : { retryDelay: backoff })).toEqual(expected);
  });

  test('comes from a function that is told the error', () => {
    const backoff = (_failures: number, error: unknown): string => (error === boom ? '7s' : '1s');
    expect(delays({ backoff })).toEqual([7_000, 7_000, 7_000, 7_000]);
  });

  test('is shortened at random, by a tenth at most', () => {
    expect(delays({}, () => 0.5)).toEqual([950, 1_900, 3_800, 3_420_000]);
    expect(delays({}, () => 1)).toEqual([900, 1_800, 3_600, 3_240_000]);
  });

  test('is shortened by the part that is asked for', () => {
    expect(delays({ backoff: { jitter: 0 } }, () => 1)).toEqual([1_000, 2_000, 4_000, 3_600_000]);
    expect(delays({ backoff: { jitter: 1 } }, () => 0.75)).toEqual([250, 500, 1_000, 900_000]);
  });

  test('is not shortened if it is fixed', () => {
    expect(delays({ backoff: '5s' }, () => 1)).toEqual([5_000, 5_000, 5_000, 5_000]);
  });

  test.each<[Backoff, number]>([
    [{ initialInterval: 0 }, 0],
    [{ initialInterval: 1 }, 3_600_000],
    [{ initialInterval: 0, coefficient: Infinity }, 0],
    [{ coefficient: Infinity }, 3_600_000],
  ])('is a number even after endless failures, with %j', (backoff, expected) => {
    expect(retryPolicy({ backoff }).delayAfter(1_000_000, boom, noChance)).toBe(expected);
  });
});

describe('a retry policy refuses', () => {
  test.each<[string, unknown]>([
    ['a negative number of retries', { maxRetries: -1 }],
    ['a part of a retry', { maxRetries: 1.5 }],
    ['NaN retries', { maxRetries: NaN }],
    ['fewer than endless retries', { maxRetries: -Infinity }],
    ['retries as text', { maxRetries: '3' }],
    ['null retries', { maxRetries: null }],
    ['two names of one option', { backoff: '1s', retryDelay: '1s' }],
    ['a retryIf that is no function', { retryIf: true }],
    ['an unknown word', { backoff: 'sometimes' }],
    ['a negative duration', { backoff: -1 }],
    ['NaN', { backoff: NaN }],
    ['Infinity', { backoff: Infinity }],
    ['an empty text', { backoff: '' }],
    ['apples', { backoff: '5 apples' }],
    ['a boolean', { backoff: true }],
    ['an empty list', { backoff: [] }],
    ['a list with one that is no duration', { backoff: ['1s', 'soon'] }],
    ['a list of lists', { backoff: [['1s']] }],
    ['an unknown field', { backoff: { initialInterval: '1s', factor: 2 } }],
    ['an own field named __proto__', { backoff: JSON.parse('{"__proto__": {"coefficient": 2}}') }],
    ['a first interval that is no duration', { backoff: { initialInterval: 'soon' } }],
    ['a longest interval that is no duration', { backoff: { maximumInterval: {} } }],
    ['a coefficient below one', { backoff: { coefficient: 0.5 } }],
    ['a coefficient that is NaN', { backoff: { coefficient: NaN } }],
    ['a negative jitter', { backoff: { jitter: -0.1 } }],
    ['a jitter above one', { backoff: { jitter: 1.1 } }],
    ['a jitter that is NaN', { backoff: { jitter: NaN } }],
    ['text without end', { backoff: '1s'.repeat(50_000) }],
  ])('%s', (_name, options) => {
    expect(() => retryPolicy(options as RetryOptions)).toThrow(InvalidInputError);
  });

  test.each<[RetryOptions, string]>([
    [{ maxRetries: -1 }, 'maxRetries must be a whole number from 0, or Infinity; it is -1.'],
    [{ backoff: '1s', retryDelay: '1s' }, 'backoff and retryDelay are two names of one option'],
    [{ retryIf: hostile('never') as never }, 'retryIf must be a function'],
    [{ backoff: [] }, 'A backoff list needs at least one duration'],
    [{ backoff: 'sometimes' }, '"sometimes" is not a backoff.'],
    [{ backoff: { initialInterval: 'soon' } }, '"soon" is not a initialInterval.'],
    [{ backoff: { coefficient: 0 } }, 'coefficient must be 1 or more; it is 0.'],
    [{ backoff: { jitter: 2 } }, 'jitter must be between 0 and 1; it is 2.'],
  ])('%j with words', (options, message) => {
    expect(() => retryPolicy(options)).toThrow(message);
  });
});

describe('a failed attempt', () => {
  const decide = (options: RetryOptions, failures: number, error: unknown = boom) =>
    decideRetry(retryPolicy({ backoff: 'fixed', ...options }), error, failures, NOW, noChance);
  const retry = (delayMs: number) => ({ type: 'retry', delayMs });
  const exhausted = { type: 'exhausted' };
  const giveUp = { type: 'give_up' };

  test.each<[string, RetryOptions, unknown[]]>([
    ['is tried again three times by default', {}, [retry(1_000), retry(1_000), retry(1_000), exhausted]],
    ['is tried again as often as asked for', { maxRetries: 1 }, [retry(1_000), exhausted]],
    ['is not tried again if not asked for', { maxRetries: 0 }, [exhausted]],
  ])('%s', (_name, options, decisions) => {
    expect(decisions.map((_decision, index) => decide(options, index + 1))).toEqual(decisions);
  });

  test('may be tried again without end', () => {
    expect(decide({ maxRetries: Infinity }, 1e9)).toEqual(retry(1_000));
  });

  test('is given up over a FatalError, whatever else is asked for', () => {
    const options = { maxRetries: Infinity, retryIf: () => true };
    expect(decide(options, 1, new FatalError('no'))).toEqual(giveUp);
  });

  test('is given up over an error that is not worth it', () => {
    const retryIf = (error: unknown): boolean => error !== boom;
    expect(decide({ retryIf }, 1, boom)).toEqual(giveUp);
    expect(decide({ retryIf }, 1, new Error('other'))).toEqual(retry(1_000));
    expect(decide({ retryIf }, 9, boom)).toEqual(giveUp);
  });

  test.each<[string, string | number | object | undefined, number]>([
    ['as told', '90s', 90_000],
    ['as told in seconds', 7, 7_000],
    ['as told in parts', { minutes: 2 }, 120_000],
    ['at once', 0, 0],
    ['at the date as told', new Date(NOW + 5_000), 5_000],
    ['at once, if that date has passed', new Date(NOW - 5_000), 0],
    ['as the policy says, if not told', undefined, 1_000],
  ])('with a RetryableError is tried again %s', (_name, retryAfter, delayMs) => {
    const error = new RetryableError('later', retryAfter === undefined ? {} : { retryAfter });
    expect(decide({}, 1, error)).toEqual(retry(delayMs));
  });

  test('with a RetryableError that names no time says so', () => {
    const error = new RetryableError('later', { retryAfter: new Date(NaN) });
    expect(() => decide({}, 1, error)).toThrow('retryAfter is an invalid date.');
  });

  test('is not decided by a promise, which would always be true', () => {
    const retryIf = (async () => false) as unknown as () => boolean;
    expect(() => decide({ retryIf }, 1)).toThrow('retryIf must answer at once, with true or false; it gave a promise.');
  });

  test('with a RetryableError is tried again no more often than others', () => {
    expect(decide({}, 4, new RetryableError('later', { retryAfter: '1s' }))).toEqual(exhausted);
  });

  test('may have any value for its error', () => {
    for (const error of [undefined, null, 'text', 7, {}]) expect(decide({}, 1, error)).toEqual(retry(1_000));
  });
});

test('the default number of retries is three', () => {
  expect(DEFAULT_MAX_RETRIES).toBe(3);
  expect(retryPolicy().maxRetries).toBe(3);
});
