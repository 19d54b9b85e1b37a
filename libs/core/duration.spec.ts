import { type Duration, durationToMs } from './duration.js';
import { InvalidInputError } from './errors.js';

const hostile = (value: unknown): Duration => value as Duration;
const trap = (): never => {
  throw new Error('it is a trap');
};

describe('a duration', () => {
  test.each<[Duration, number]>([
    ['0s', 0],
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['2w', 1_209_600_000],
    ['1h30m', 5_400_000],
    ['1h 30m 5s', 5_405_000],
    ['  1h\t30m\n', 5_400_000],
    ['1m1ms', 60_001],
    ['1.5h', 5_400_000],
    ['0.5ms', 1],
    ['1m1m', 120_000],
    ['007s', 7_000],
    [0, 0],
    [1, 1_000],
    [0.25, 250],
    [90, 90_000],
    [{ hours: 2 }, 7_200_000],
    [{ weeks: 1, days: 1, hours: 1, minutes: 1, seconds: 1, milliseconds: 1 }, 694_861_001],
    [{ minutes: 0.5 }, 30_000],
    [{ seconds: 0 }, 0],
    [10_000 * 365 * 86_400, 315_360_000_000_000],
  ])('%j is %d ms', (value, ms) => {
    expect(durationToMs(value)).toBe(ms);
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an empty text', ''],
    ['blanks', ' \t'],
    ['a word', 'soon'],
    ['another unit', '5 apples'],
    ['a number as text', '5'],
    ['a blank before the unit', '5 s'],
    ['a unit alone', 's'],
    ['a capital', '5S'],
    ['a sign', '-5s'],
    ['an exponent', '1e3s'],
    ['a bare point', '5.s'],
    ['a leading point', '.5s'],
    ['hexadecimal', '0x10s'],
    ['digits of another script', '٥s'],
    ['text behind it', '5s!'],
    ['a line between', '5\ns'],
    ['too much', '9999999w'],
    ['digits without end', `${'9'.repeat(90)}s`],
    ['NaN', NaN],
    ['Infinity', Infinity],
    ['-Infinity', -Infinity],
    ['-1', -1],
    ['a little less than nothing', -0.0001],
    ['more than ten thousand years', 10_000 * 365 * 86_400 + 1],
    ['a bigint', 5n],
    ['a boolean', true],
    ['a symbol', Symbol('5s')],
    ['a function', () => '5s'],
    ['an empty list', []],
    ['a list', ['5s']],
    ['no parts', {}],
    ['an unknown part', { hours: 1, moons: 1 }],
    ['a part as text', { hours: '1' }],
    ['a part that is nothing', { hours: undefined }],
    ['a part that is NaN', { hours: NaN }],
    ['an endless part', { hours: Infinity }],
    ['parts that are negative', { hours: -1 }],
    ['parts that are inherited', Object.create({ hours: 2 })],
    ['parts named like members of every object', { constructor: 1 }],
    ['an own part named __proto__', JSON.parse('{"__proto__": {"hours": 2}}')],
    ['an own number named __proto__', JSON.parse('{"__proto__": 2}')],
    ['a date', new Date(0)],
    ['a wrapped text', Object('5s')],
    [
      'parts that cannot be shown',
      {
        toJSON: () => {
          throw new Error('boom');
        },
      },
    ],
    ['parts that cannot be read', Object.defineProperty({}, 'hours', { enumerable: true, get: trap })],
    ['parts that cannot be listed', new Proxy({}, { get: trap, ownKeys: trap, getPrototypeOf: trap })],
  ])('is not %s', (_name, value) => {
    expect(() => durationToMs(hostile(value))).toThrow(InvalidInputError);
  });

  test('may have parts without a prototype', () => {
    expect(durationToMs(Object.assign(Object.create(null), { hours: 1 }))).toBe(3_600_000);
  });
});

describe('the refusal of a duration', () => {
  test.each<[unknown, string | undefined, string]>([
    ['5 apples', undefined, '"5 apples" is not a duration.'],
    ['5 apples', 'timeout', '"5 apples" is not a timeout.'],
    [NaN, undefined, 'NaN is not a duration.'],
    [undefined, undefined, 'undefined is not a duration.'],
    [{ moons: 1 }, undefined, '{"moons":1} is not a duration.'],
    [5n, undefined, '[bigint] is not a duration.'],
    [[{ toJSON: trap }], undefined, '[object] is not a duration.'],
  ])('of %s says what was given and what to give', (value, what, message) => {
    expect(() => durationToMs(hostile(value), what)).toThrow(message);
    expect(() => durationToMs(hostile(value), what)).toThrow(/'30s' or '1h30m'.*\{ hours: 2 \}/);
  });

  test.each([
    ['digits', '1'.repeat(100_000)],
    ['digits, which it looks at,', '1'.repeat(100)],
    ['decimals, which it looks at,', `${'1.1'.repeat(33)}x`],
    ['terms, which it looks at,', `${'1s'.repeat(49)}!!`],
    ['terms', '1s'.repeat(50_000)],
    ['terms and then a letter', `${'1s'.repeat(50_000)}x`],
    ['decimals', `${'1.1'.repeat(33_000)}s`],
    ['blanks', `1s${' '.repeat(100_000)}x`],
    ['blanks before it', `${' '.repeat(100_000)}x`],
  ])('of a hundred or 100,000 characters of %s is quick and short', (_name, text) => {
    const begin = performance.now();
    let message = '';
    try {
      durationToMs(text);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain('is not a duration');
    expect(message.length).toBeLessThan(300);
    expect(performance.now() - begin).toBeLessThan(1_000);
  });
});
