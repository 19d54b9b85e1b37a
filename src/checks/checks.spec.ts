import { aDuration, aKey, aName, anInteger, faultsOf, oneOf, tags } from './rules.js';
import { show } from './show.js';
import { suggest } from './suggest.js';

describe('show', () => {
  class Money {}
  it.each([
    ['text', '"text"'],
    ['x'.repeat(1000), `"${'x'.repeat(60)}..."`],
    ['line\nbreak', '"line\\nbreak"'],
    [3, '3'],
    [null, 'null'],
    [undefined, 'undefined'],
    [10n, 'a bigint'],
    [Symbol('s'), 'a symbol'],
    [[], 'an empty list'],
    [[1, 2], 'a list of 2'],
    [{ a: 1 }, 'an object'],
    [Object.create(null), 'an object'],
    [new Money(), 'an instance of Money'],
    [new Date(Number.NaN), 'an invalid Date'],
    [new Date(0), 'the Date 1970-01-01T00:00:00.000Z'],
    [Money, 'the function Money'],
    [() => 1, 'a function'],
  ])('describes %p', (value, words) => {
    expect(show(value)).toBe(words);
  });

  it('runs no code of the value', () => {
    const trap = (): never => {
      throw new Error('touched');
    };
    const hostile = new Proxy({}, { get: trap, getPrototypeOf: trap, ownKeys: trap });
    expect(show(hostile)).toBe('an object');
    const getter = Object.create({
      get constructor(): never {
        return trap();
      },
    }) as object;
    expect(show(getter)).toBe('an object');
  });
});

describe('suggest', () => {
  it('names the closest word', () => {
    expect(suggest('maxRetrys', ['maxRetries', 'timeout'])).toBe(' Did you mean "maxRetries"?');
    expect(suggest('ORDER', ['order'])).toBe(' Did you mean "order"?');
  });

  it('lists what there is when nothing is close', () => {
    expect(suggest('zebra', ['order', 'refund'])).toBe(' Known: order, refund.');
    expect(suggest('zebra', [])).toBe('');
  });

  it('keeps long lists and long names short', () => {
    const many = Array.from({ length: 30 }, (_, index) => `workflow-${index}`);
    expect(suggest('zebra', many)).toMatch(/and 10 more\.$/);
    expect(suggest('x'.repeat(1_000_000), ['order'])).toBe(' Known: order.');
  });
});

describe('rules', () => {
  it.each(['order', 'Order.fulfil', 'a b', 'über', '1', 'x'.repeat(200)])('takes the name %p', (name) => {
    expect(aName(name)).toBeUndefined();
  });

  it.each(['', ' x', 'x ', 'a#1', 'x'.repeat(201), 'a\nb', 'a\u0000b', '\u202eabc', 1, null, {}])(
    'refuses the name %p',
    (name) => {
      expect(aName(name)).toMatch(/^a text of 1 to 200 printable characters/);
    },
  );

  it('takes any printable text as a key', () => {
    expect(aKey('order#1 / 2')).toBeUndefined();
    expect(aKey('')).toBeDefined();
    expect(aKey('\u0007')).toBeDefined();
  });

  it('checks ranges', () => {
    expect(anInteger(1)(0)).toBe('a whole number from 1');
    expect(anInteger(1, 5)(6)).toBe('a whole number from 1 to 5');
    expect(anInteger(1)(1.5)).toBeDefined();
    expect(anInteger(1)('3')).toBeDefined();
    expect(anInteger(0)(0)).toBeUndefined();
  });

  it('checks durations', () => {
    expect(aDuration()('5m')).toBeUndefined();
    expect(aDuration(1_000)('5ms')).toBe('a duration of 1000 ms or more');
    expect(aDuration()('soon')).toMatch('a duration such as');
    expect(aDuration()(-1)).toMatch('a duration such as');
  });

  it('checks tags', () => {
    expect(tags(['a', 'b'])).toBeUndefined();
    expect(tags(Array.from({ length: 11 }, String))).toBeDefined();
    expect(tags('a')).toBeDefined();
    expect(tags(['a', '', 5])).toMatch(/, which "" is not$/);
    expect(tags(['a', 5])).toMatch(/, which 5 is not$/);
    expect(tags(['a\n', 'b'])).toMatch(/, which "a\\n" is not$/);
    expect(tags(new Array(2))).toMatch(/, which undefined is not$/);
  });
});

describe('faultsOf', () => {
  const rules = { mode: oneOf('a', 'b'), count: anInteger(1) };

  it('finds nothing wrong with what is right or left out', () => {
    expect(faultsOf('Options', { mode: 'a', count: undefined }, rules)).toEqual([]);
  });

  it('lists everything that is wrong', () => {
    expect(faultsOf('Options', { mode: 'c', count: 0, counts: 1 }, rules)).toEqual([
      "Options: mode must be 'a' or 'b'; it is \"c\".",
      'Options: count must be a whole number from 1; it is 0.',
      'Options: there is no option "counts". Did you mean "count"?',
    ]);
  });

  it.each([null, undefined, 'text', 1, [1]])('refuses %p as options', (options) => {
    expect(faultsOf('Options', options, rules)).toEqual([
      expect.stringMatching(/^Options must be an object with options; it is /),
    ]);
  });

  it('survives hostile objects', () => {
    const own = JSON.parse('{"__proto__": {"mode": "a"}, "constructor": 1}') as object;
    expect(faultsOf('Options', own, rules)).toHaveLength(2);
    const throwing = Object.defineProperty({}, 'mode', {
      enumerable: true,
      get: () => {
        throw new Error('touched');
      },
    });
    expect(faultsOf('Options', throwing, rules)).toEqual(['Options: mode cannot be read.']);
  });
});
