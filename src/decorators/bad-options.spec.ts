import { faultsAtBoot } from '../discovery/boot.spec-helpers.js';
import { Step } from './step.decorator.js';
import { Workflow } from './workflow.decorator.js';

const trap = (): never => {
  throw new Error('a trap');
};
const trapped = Object.defineProperty({}, 'name', { enumerable: true, get: trap });
const hostile = JSON.parse('{"__proto__":{"maxRetries":1},"constructor":{}}') as object;
const huge = 'x'.repeat(1_000_000);

type Row = readonly [what: string, options: unknown, fault: RegExp];

const anything: Row[] = [
  ['null', null, /must be an object with options; it is null/],
  ['a text', 'order', /must be an object with options; it is "order"/],
  ['a number', 5, /must be an object with options; it is 5/],
  ['a list', [{ name: 'a' }], /must be an object with options; it is a list of 1/],
  ['an option that cannot be read', trapped, /name cannot be read/],
  ['an object with members of every object', hostile, /there is no option "(__proto__|constructor)"/],
  ['a name that is a number', { name: 5 }, /name must be a text of 1 to 200 printable characters.*; it is 5/],
  ['an empty name', { name: '' }, /name must be a text .*; it is ""/],
  ['an endless name', { name: huge }, /name must be a text .*; it is "xxx/],
  ['a name with a line break', { name: 'a\nb' }, /name must be a text .*; it is "a\\nb"/],
  ['a name with the sign of occurrences', { name: 'a#1' }, /name must be a text .*; it is "a#1"/],
];

const workflows: Row[] = [
  ['half a version', { version: 1.5 }, /version must be a whole number from 1; it is 1\.5/],
  ['a version as text', { version: '1' }, /version must be a whole number from 1; it is "1"/],
  ['no time at all', { maxDuration: 0 }, /maxDuration must be a duration of 1 ms or more; it is 0/],
  ['a tag that is no text', { tags: ['a', 5] }, /tags must be a list .*, which 5 is not/],
  ['attempts below nothing', { maxRecoveryAttempts: -1 }, /maxRecoveryAttempts must be a whole number from 0/],
  ['a truth as text', { recoverOnWorkerLoss: 'no' }, /recoverOnWorkerLoss must be true or false; it is "no"/],
  ['a description that is no text', { description: 5 }, /description must be a text; it is 5/],
];

const steps: Row[] = [
  ['retries as text', { maxRetries: '3' }, /maxRetries must be a whole number from 0, or Infinity; it is "3"/],
  ['retries that are no number', { maxRetries: Number.NaN }, /maxRetries must be .*; it is NaN/],
  ['a timeout below nothing', { timeout: -1 }, /timeout must be .*; it is -1/],
  ['a filter of errors that is no function', { retryIf: Error.prototype }, /retryIf must be a function/],
  ['an empty queue', { queue: '' }, /queue must be a text/],
  [
    'a backoff that is a trap',
    { backoff: Object.defineProperty({}, 'delay', { enumerable: true, get: trap }) },
    /backoff/,
  ],
];

const decorated = {
  '@Workflow': (options: unknown) => {
    class Order {
      async run(): Promise<void> {}
    }
    Workflow(options as never)(Order);
    return Order;
  },
  '@Step': (options: unknown) => {
    class Steps {
      async charge(): Promise<void> {}
    }
    Step(options as never)(
      Steps.prototype,
      'charge',
      Object.getOwnPropertyDescriptor(Steps.prototype, 'charge') as never,
    );
    return Steps;
  },
};

describe.each([
  ['@Workflow', [...anything, ...workflows]],
  ['@Step', [...anything, ...steps]],
] as const)('%s refuses when the application starts', (decorator, rows) => {
  it.each(rows)('%s', async (_, options, fault) => {
    const faults = await faultsAtBoot({ providers: [decorated[decorator](options)] });
    expect(faults).toContainEqual(expect.stringMatching(fault));
    expect(faults.join().length).toBeLessThan(2_000);
  });
});
