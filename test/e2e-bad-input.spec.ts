import { createHook, EventReplayer, InvalidInputError, Workflow, type WorkflowClient } from 'nestjs-pyworkflow';
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
import { boot, storageOf, untilEvent } from './e2e-app.spec-helpers.js';

@Workflow({ name: 'unregistered' })
class Unregistered {
  async run(): Promise<void> {}
}

let client: WorkflowClient;
beforeEach(async () => {
  order.body = async () => 'done';
  ({ client } = await boot({ providers: [AnyWorkflow, Steps] }, { maxPayloadBytes: 10_000 }));
});

const cyclic = (): object => {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
};
const long = 'x'.repeat(300);
const deep = (): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < 5_000; level++) value = { value };
  return value;
};

const badStarts: Bad[] = [
  [
    'no workflow',
    () => client.start(any(undefined), []),
    /start\(\) takes the class of a workflow, \[Provider, 'method'\] or a name; this is undefined/,
  ],
  ['a number', () => client.start(any(5), []), /this is 5/],
  ['an object', () => client.start(any({ name: 'order' }), []), /this is an object/],
  ['an empty name', () => client.start('', []), /this is ""/],
  ['a name with control characters', () => client.start('or\u0000der', []), /this is "or/],
  ['an endless name', () => client.start('x'.repeat(1_000_000), []), /this is "xxx/],
  ['a misspelt name', () => client.start('ordr', []), /There is no workflow "ordr".*Did you mean "order"\?/],
  ['__proto__ as a name', () => client.start('__proto__', []), /There is no workflow "__proto__"/],
  [
    'a class that no module provides',
    () => client.start(Unregistered, []),
    /Unregistered is not a workflow of this application/,
  ],
  ['a class that is no workflow', () => client.start(any(Steps), []), /Steps is not a workflow/],
  [
    'an arrow function',
    () =>
      client.start(
        any(() => 1),
        [],
      ),
    /is not a workflow/,
  ],
  ['a method that is no workflow', () => client.start([Steps, 'echo'], ['x']), /Steps.echo is not a workflow/],
  ['half a reference', () => client.start(any([Steps]), []), /this is a list of 1/],
  ['a reference to nothing', () => client.start(any([null, 'x']), []), /this is a list of 2/],
  [
    'no arguments',
    () => client.start('order', any(undefined)),
    /arguments of a run are a list, such as \[order\]; this is undefined/,
  ],
  ['an object of arguments', () => client.start('order', any({ 0: 'a', length: 1 })), /this is an object/],
  ['a text of arguments', () => client.start('order', any('abc')), /this is "abc"/],
  [
    'a function among the arguments',
    () => client.start('order', [{ onDone: () => 1 }]),
    /args\[0\]\.onDone: a function cannot be stored/,
  ],
  [
    'a promise among the arguments',
    () => client.start('order', [Promise.resolve(1)]),
    /a promise cannot be stored; await it/,
  ],
  [
    'an argument that cannot be read',
    () => client.start('order', [throwing('amount')]),
    /args\[0\]\.amount: reading it failed: a trap/,
  ],
  [
    'a polluting argument',
    () => client.start('order', [hostileJson('{"__proto__":{"admin":true}}')]),
    /a key named __proto__ cannot be stored/,
  ],
  ['an argument that is too large', () => client.start('order', [{ big: tooLarge }]), /args\[0\]\.big/],
  ['an argument that is nested too deeply', () => client.start('order', [deep()]), /nested more than 1000 levels deep/],
  [
    'options that are no object',
    () => client.start('order', [], any('key')),
    /must be an object with options; it is "key"/,
  ],
  ['no options', () => client.start('order', [], any(null)), /it is null/],
  [
    'an unknown option',
    () => client.start('order', [], any({ idempotencykey: 'a' })),
    /no option "idempotencykey". Did you mean "idempotencyKey"/,
  ],
  ['options with a trap', () => client.start('order', [], any(throwing('runId'))), /runId cannot be read/],
  [
    'an empty run id',
    () => client.start('order', [], { runId: '' }),
    /runId must be a text of 1 to 200 printable characters; it is ""/,
  ],
  ['a run id with a line break', () => client.start('order', [], { runId: 'a\nb' }), /runId must be/],
  ['a long key', () => client.start('order', [], { idempotencyKey: long }), /idempotencyKey must be/],
  [
    'a key that is a number',
    () => client.start('order', [], any({ idempotencyKey: 5 })),
    /idempotencyKey must be .*; it is 5/,
  ],
  [
    'a tag that is no text',
    () => client.start('order', [], any({ tags: ['a', 5] })),
    /tags must be a list of at most 10 tags, .*, which 5 is not; it is a list of 2/,
  ],
  ['eleven tags', () => client.start('order', [], { tags: Array.from({ length: 11 }, String) }), /tags must be/],
  [
    'a version that does not exist',
    () => client.start('order', [], { version: 9 }),
    /There is no version 9 of workflow "order".* It has: 1/,
  ],
  ['half a version', () => client.start('order', [], { version: 1.5 }), /version must be a whole number from 1/],
];

const badRunIds: readonly unknown[] = [undefined, null, 5, '', long, 'a\u0000b', {}, ['a'], Symbol('a')];
const byRunId: readonly (readonly [string, (runId: string) => unknown])[] = [
  ['getHandle', (runId) => client.getHandle(runId)],
  ['getResult', (runId) => client.getResult(runId)],
  ['getRun', (runId) => client.getRun(runId)],
  ['getEvents', (runId) => client.getEvents(runId)],
  ['streamEvents', (runId) => client.streamEvents(runId).next()],
  ['cancel', (runId) => client.cancel(runId)],
  ['resume', (runId) => client.resume(runId)],
  ['listHooks', (runId) => client.listHooks(runId)],
];
const badIds: Bad[] = byRunId.flatMap(([method, call]) =>
  badRunIds.map((runId): Bad => [
    `${method}(${String(runId).slice(0, 10)})`,
    () => call(runId as string),
    /A run id is a text of 1 to 200 printable characters; this is /,
  ]),
);

const badReads: Bad[] = [
  [
    'a wait that is no duration',
    () => client.cancel('run_1', any({ wait: 'soon' })),
    /wait must be a duration such as/,
  ],
  ['an unknown option of cancel', () => client.cancel('run_1', any({ timeout: '1s' })), /no option "timeout"/],
  ['an unknown status', () => client.listRuns(any({ status: 'done' })), /status must be one of pending, running/],
  ['an unknown status in a list', () => client.listRuns(any({ status: ['failed', 'done'] })), /status must be one of/],
  ['a filter that is no object', () => client.listRuns(any('failed')), /must be an object with options/],
  ['an unknown filter', () => client.listRuns(any({ state: 'failed' })), /no option "state"/],
  [
    'a time that is no Date',
    () => client.listRuns(any({ createdAfter: '2026-01-01' })),
    /createdAfter must be a valid Date; it is "2026-01-01"/,
  ],
  [
    'an invalid Date',
    () => client.listRuns({ createdBefore: new Date(Number.NaN) }),
    /createdBefore must be a valid Date; it is an invalid Date/,
  ],
  ['a limit of 0', () => client.listRuns({ limit: 0 }), /limit must be a whole number from 1 to 1000/],
  ['an endless limit', () => client.listRuns({ limit: Infinity }), /limit must be/],
  ['a made-up cursor', () => client.listRuns({ cursor: 'made up' }), /cursor/],
  ['a hostile cursor', () => client.listRuns({ cursor: Buffer.from('[1e999,{}]').toString('base64url') }), /cursor/],
  [
    'an endless cursor',
    () => client.listRuns({ cursor: 'x'.repeat(100_000) }),
    /cursor must be the nextCursor of the page before/,
  ],
  ['a negative sequence', () => client.getEvents('a', { after: -1 }), /after must be a whole number from 0/],
  ['an unknown event option', () => client.getEvents('a', any({ from: 1 })), /no option "from"/],
  ['a limit of no events', () => client.getEvents('a', { limit: 0 }), /limit must be a whole number from 1/],
  ['a timeout that is no duration', () => client.getResult('a', { timeout: 'soon' }), /timeout must be a duration/],
  ['a negative timeout', () => client.getResult('a', { timeout: -1 }), /timeout must be a duration/],
  [
    'an unknown result option',
    () => client.getHandle('a').result(any({ timeoutMs: 5 })),
    /no option "timeoutMs". Did you mean "timeout"/,
  ],
  ['an unknown hook option', () => client.listHooks('a', any({ tokens: true })), /no option "tokens"/],
  ['events of nothing', () => new EventReplayer(any(null)), /EventReplayer takes the events/],
];

/** To a hook that is open. */
async function deliver(payload: unknown): Promise<unknown> {
  order.body = async () => createHook({ token: 'an-open-token' });
  const run = await client.start('order', [], { idempotencyKey: 'open' });
  await untilEvent(client, run.runId, 'hook.created');
  return client.resumeHook('an-open-token', payload);
}

const badDeliveries: Bad[] = [
  ...[
    undefined,
    null,
    5,
    '',
    'short',
    'x'.repeat(201),
    'with blanks in it',
    '../../etc/passwd',
    'a\u0000bcdefgh',
    {},
    ['the-token'],
  ].map((token): Bad => [
    `the token ${String(token).slice(0, 20)}`,
    () => client.resumeHook(token as string, 1),
    /A hook token is a text of 8 to 200 letters/,
  ]),
  ['getHook of a malformed token', () => client.getHook('a b'), /A hook token is/],
  ['an unknown token', () => client.resumeHook('unknown-token', 1), /No hook has this token/],
  ['an unknown option', () => client.resumeHook('unknown-token', 1, any({ id: 'a' })), /no option "id"/],
  ['a bad delivery id', () => client.resumeHook('unknown-token', 1, { deliveryId: '' }), /deliveryId must be/],
  ['a payload that is too large', () => deliver(tooLarge), /^payload: .*raise the limit \(maxPayloadBytes\)/],
  ['a payload that cannot be stored', () => deliver(() => 1), /a function cannot be stored/],
  ['a polluting payload', () => deliver(hostileJson('{"a":{"__proto__":1}}')), /__proto__ cannot be stored/],
];

describe('the client refuses', () => {
  it.each(badStarts)('start: %s', async (...bad) => refuses(bad));
  it.each(badIds)('%s', async (...bad) => refuses(bad));
  it.each(badReads)('reading: %s', async (...bad) => refuses(bad));
  it.each(badReads)('reading from SQLite: %s', async (...bad) => {
    ({ client } = await boot({}, { storage: await storageOf('sqlite') }));
    await refuses(bad);
  });
  it.each(badDeliveries)('delivering: %s', async (...bad) => refuses(bad));

  it('stores nothing of what it refuses', async () => {
    for (const bad of badStarts) await refuses(bad);
    expect((await client.listRuns()).runs).toEqual([]);
    for (const bad of badDeliveries) await refuses(bad);
    expect((await client.getHook('an-open-token')).status).toBe('open');
  });

  it('never shows a token in an error', async () => {
    const error = await client.resumeHook('secret-token with blank', 1).catch((thrown: Error) => thrown);
    expect(String((error as Error).message)).not.toContain('secret');
  });

  it('takes what is merely unusual', async () => {
    order.body = async () => 'done';
    const unusual = [
      undefined,
      null,
      Number.NaN,
      -0,
      10n,
      cyclic(),
      new Map([[{}, new Set([1])]]),
      new Date(0),
      Buffer.from('a'),
    ];
    const run = await client.start('order', unusual, { runId: 'Größe/#1 "ü"', tags: ['a b', '😀'] });
    expect(await run.result()).toBe('done');
    expect((await run.events())[0]?.data).toEqual(unusual);
    expect((await client.listRuns({ tags: ['😀'] })).runs).toHaveLength(1);
  });
});

it('refuses bad input in JavaScript as well as an InvalidInputError', async () => {
  await expect(client.start(any(1), [])).rejects.toBeInstanceOf(InvalidInputError);
  order.body = async () => createHook({ token: 'the-token-1' });
  const run = await client.start('order', []);
  await untilEvent(client, run.runId, 'hook.created');
  await client.resumeHook('the-token-1');
  expect(await run.result()).toBeUndefined();
});
