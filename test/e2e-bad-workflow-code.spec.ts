import {
  cancellationScope,
  createHook,
  createWebhook,
  FatalError,
  findCurrentContext,
  getCurrentContext,
  hook,
  now,
  parallel,
  race,
  random,
  randomUUID,
  SerializationError,
  shield,
  sideEffect,
  sleep,
  sleepUntil,
  timeout,
  type WorkflowClient,
  WorkflowError,
} from 'nestjs-pyworkflow';
import {
  any,
  AnyWorkflow,
  type Bad,
  hostileJson,
  order,
  refuses,
  Steps,
  throwing,
  tooLarge,
} from './bad-input.spec-helpers.js';
import { boot } from './e2e-app.spec-helpers.js';

let client: WorkflowClient;
beforeEach(async () => {
  order.body = async () => 'done';
  ({ client } = await boot({ providers: [AnyWorkflow, Steps] }, { maxPayloadBytes: 10_000 }));
});

const badPrimitives: Bad[] = [
  ['sleep of a word', () => sleep('soon'), /"soon" is not a duration/],
  ['sleep of nothing', () => sleep(any(undefined)), /undefined is not a duration/],
  ['a negative sleep', () => sleep(-5), /-5 is not a duration/],
  ['sleep of NaN', () => sleep(Number.NaN), /NaN is not a duration/],
  ['an endless sleep', () => sleep(Infinity), /Infinity is not a duration/],
  ['sleep of an unknown unit', () => sleep(any({ hour: 1 })), /is not a duration/],
  ['sleep of a hostile object', () => sleep(hostileJson('{"__proto__":{"hours":1}}')), /is not a duration/],
  ['sleep of an invalid date', () => sleep(new Date(Number.NaN)), /takes a valid Date/],
  ['sleep of a past date', () => sleep(new Date(0)), /is in the past/],
  ['sleepUntil of a text', () => sleepUntil(any('2030-01-01')), /takes a valid Date/],
  ['a hook whose options are nothing', () => createHook(any(null)), /takes an object of options: name, token/],
  ['a hook whose options are its name', () => createHook(any('approval')), /takes an object of options/],
  ['a hook with a misspelt option', () => createHook(any({ timeOut: '1d' })), /has no option "timeOut"/],
  ['parallel() without items', () => parallel(any(null), async () => 1), /takes a list/],
  ['parallel() without a function', () => parallel([1], any(1)), /takes a function/],
  ['parallel() with a misspelt option', () => parallel([], async () => 1, any({ lanes: 2 })), /has no option "lanes"/],
  ['a hook without a name', () => createHook({ name: '' }), /The name of a hook is/],
  ['a hook whose name is a number', () => createHook(any({ name: 5 })), /The name of a hook is/],
  ['a hook whose name has a line break', () => createHook({ name: 'a\nb' }), /The name of a hook is/],
  ['a hook whose name has a hidden character', () => createHook({ name: 'a\u202eb' }), /The name of a hook is/],
  ['a hook with an endless name', () => createHook({ name: 'x'.repeat(1_000_000) }), /The name of a hook is/],
  ['a hook of "many"', () => createHook(any({ multiple: 'yes' })), /multiple must be true or false; it is "yes"/],
  [
    'a webhook whose options are nothing',
    () => createWebhook(any(null)),
    /createWebhook\(\) takes an object of options/,
  ],
  ['hook() whose options are nothing', () => hook('a', any(null)), /hook\(\) takes an object of options/],
  [
    'hook() whose onCreated is no function',
    () => hook('a', any({ onCreated: 'mail' })),
    /onCreated must be a function/,
  ],
  ['hook() with a misspelt option', () => hook('a', any({ oncreated: () => 1 })), /no option "oncreated"/],
  ['a duration that is a trap', () => sleep(any(throwing('hours'))), /\[object\] is not a duration/],
  ['race() of nothing', () => race(any(null)), /race\(\) takes a list/],
  ['timeout() of nothing that is durable', () => timeout(any(null), '1h'), /timeout\(\) takes a promise/],
  ['cancellationScope() without a function', () => cancellationScope(any(5)), /takes a function/],
  ['shield() of a promise', () => shield(any(Promise.resolve())), /takes a function/],
  ['a short token', () => createHook({ token: 'short' }), /The token of a hook is/],
  ['a token with a slash', () => createHook({ token: 'a/b/c/d/e/f/g' }), /The token of a hook is/],
  ['a hook with a bad timeout', () => createHook({ timeout: 'never' }), /"never" is not a timeout/],
  ['hook() without a name', () => hook(any(undefined), { timeout: 'x' }), /./],
  ['a side effect that is no function', () => sideEffect(any(5)), /sideEffect\(\) takes a function/],
  ['a side effect that cannot be stored', () => sideEffect(() => () => 1), /a function cannot be stored/],
  ['no lanes', () => parallel([1], async () => 1, { concurrency: 0 }), /concurrency must be/],
  [
    'iterating a hook of one payload',
    async () => {
      for await (const _ of createHook()) break;
    },
    /takes one payload: await it/,
  ],
  ['timeout of a bad limit', () => timeout(createHook(), 'x'), /"x" is not a duration/],
];

describe('workflow code is told', () => {
  it.each(badPrimitives)('%s', async (...[what, call, message]) => {
    order.body = async () => {
      const error: unknown = await new Promise((resolve) => resolve(call())).then(
        () => 'it was taken',
        (thrown: unknown) => thrown,
      );
      return error;
    };
    const run = await client.start('order', []);
    const error = await run.result();
    await refuses([what, () => Promise.reject(error), message]);
  });

  it.each<Bad>([
    ['sleep', () => sleep('1s'), /sleep\(\) was called outside a workflow/],
    ['sleepUntil', () => sleepUntil(new Date()), /sleepUntil\(\) was called outside a workflow/],
    ['createHook', () => createHook(), /createHook\(\) was called outside a workflow/],
    ['hook', () => hook('a'), /outside a workflow/],
    ['sideEffect', () => sideEffect(() => 1), /sideEffect\(\) was called outside a workflow/],
    ['now', () => now(), /now\(\) was called outside a workflow/],
    ['random', () => random(), /random\(\) was called outside a workflow/],
    ['randomUUID', () => randomUUID(), /randomUUID\(\) was called outside a workflow/],
    ['race', () => race([]), /race\(\) was called outside a workflow/],
    ['timeout', () => timeout(Promise.resolve(1), '1s'), /timeout\(\) was called outside a workflow/],
    ['getCurrentContext', () => getCurrentContext(), /outside a workflow and outside a step/],
  ])('%s belongs into a workflow', async (...bad) => {
    await refuses(bad);
    expect(findCurrentContext()).toBeUndefined();
  });

  it('that primitives do not belong into steps', async () => {
    jest.spyOn(Steps.prototype, 'echo').mockImplementationOnce(async () => sleep('1s'));
    order.body = async (steps) => steps.echo(1);
    const run = await client.start('order', []);
    await expect(run.result()).rejects.toMatchObject({
      cause: { message: expect.stringContaining('inside step "Steps.echo"') },
    });
  });
});

const trap = (): never => {
  throw new Error('it is a trap');
};
const HOSTILE = new Proxy({}, { get: trap, getPrototypeOf: trap, ownKeys: trap });

describe('what cannot be stored', () => {
  it.each<[string, unknown, RegExp]>([
    ['an object that throws when it is looked at', HOSTILE, /failed: value: reading it failed: it is a trap/],
    ['an object without a text', Object.create(null), /failed: it threw an object that is no Error/],
    ['nothing', undefined, /failed: undefined/],
  ])('and what is no error fails the run that throws it: %s', async (_, thrown, message) => {
    order.body = async () => Promise.reject(thrown); // oxlint-disable-line prefer-promise-reject-errors -- that is the point
    const run = await client.start('order', []);
    await refuses(['result', () => run.result(), message]);
    expect(await run.status()).toBe('failed');
  });

  it.each<[string, typeof order.body, RegExp]>([
    [
      'an argument of a step',
      (steps) => steps.echo({ a: [1, () => 1] }),
      /args\[0\]\.a\[1\]: a function cannot be stored/,
    ],
    ['a large argument of a step', (steps) => steps.echo(tooLarge), /\[0\]/],
    ['the result of a step', (steps) => steps.unstorable(), /result\.when\.nested: a function cannot be stored/],
    ['the output of a workflow', async () => ({ fn: () => 1 }), /output\.fn: a function cannot be stored/],
  ])('fails %s with the path to the culprit', async (_what, given, message) => {
    order.body = given;
    const run = await client.start('order', []);
    const error = await run.result().catch((thrown: Error) => thrown.cause);
    expect(error).toBeInstanceOf(SerializationError);
    expect((error as Error).message).toMatch(message);
  });

  it('does not hide that a step failed', async () => {
    order.body = (steps) => steps.hostileError();
    const run = await client.start('order', []);
    await expect(run.result()).rejects.toMatchObject({ cause: { message: expect.stringMatching(/^x{100}/) } });
  });

  it('may be caught like any failure', async () => {
    order.body = async (steps) => steps.echo(() => 1).catch((error: unknown) => error instanceof SerializationError);
    expect(await (await client.start('order', [])).result()).toBe(true);
  });
});

describe('a retry policy that is broken', () => {
  it('ends the retries', async () => {
    order.body = (steps) => steps.badPolicy();
    await expect((await client.start('order', [])).result()).rejects.toMatchObject({ cause: { message: 'first' } });
    order.body = (steps) => steps.badRetryAfter();
    await expect((await client.start('order', [])).result()).rejects.toMatchObject({ cause: { message: 'again' } });
  });
});

it('keeps what workflows throw, whatever it is', async () => {
  const thrown = [undefined, null, 'text', 5, new FatalError('f'), { reason: 'x' }, Symbol('s')];
  for (const value of thrown) {
    order.body = async () => {
      throw value;
    };
    const error = (await (await client.start('order', [])).result().catch((it: unknown) => it)) as Error;
    expect(error).toBeInstanceOf(WorkflowError);
    if (typeof value !== 'symbol') expect(error.cause).toEqual(value);
  }
});
