import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import {
  createHook,
  registerDecimal,
  type RunFailedError,
  Serializable,
  SerializationError,
  Step,
  Workflow,
} from 'nestjs-pyworkflow';
import type { WorkflowTestingModule } from 'nestjs-pyworkflow/testing';
import { boot, eventually } from './e2e-app.spec-helpers.js';

registerDecimal(Decimal);

enum Size {
  Small = 'S',
  Large = 2,
}

@Serializable('e2e.Money')
class Money {
  constructor(
    readonly amount: bigint,
    readonly currency: string,
  ) {}
}

class Carrying extends Error {
  constructor(readonly value: unknown) {
    super('it carries a value', { cause: new RangeError('a cause') });
  }
}

@Injectable()
class Steps {
  @Step()
  async echo(value: unknown): Promise<unknown> {
    return value;
  }

  @Step({ maxRetries: 0 })
  async fail(value: unknown): Promise<void> {
    throw new Carrying(value);
  }

  /** What it returns comes from elsewhere, since arguments are stored as well. */
  @Step()
  async make(): Promise<unknown> {
    return made;
  }
}

let made: unknown;

@Workflow({ name: 'values' })
class ValuesWorkflow {
  constructor(private readonly steps: Steps) {}

  /** @returns what came in as input, result of a step, payload of a hook and field of an error */
  async run(value: unknown): Promise<unknown> {
    const result = await this.steps.echo(value);
    const payload = await createHook({ token: 'the-value' });
    const error = await this.steps.fail(value).catch((thrown: unknown) => thrown as Carrying);
    const { message, name, cause } = error as Carrying;
    return { value, result, payload, thrown: (error as Carrying).value, error: [message, name, cause] };
  }
}

@Workflow({ name: 'unstorable' })
class UnstorableWorkflow {
  constructor(private readonly steps: Steps) {}

  /** Goes on after what it has caught. */
  async run(): Promise<string> {
    const asArgument = await this.steps.echo({ list: [made] }).catch((error: Error) => error.message);
    const asResult = await this.steps.make().catch((error: Error) => error.message);
    return `${String(asArgument)} | ${String(asResult)}`;
  }
}

@Workflow({ name: 'unstorable output' })
class UnstorableOutputWorkflow {
  async run(): Promise<unknown> {
    return { made };
  }
}

let module: WorkflowTestingModule;
beforeEach(async () => {
  const workflows = [ValuesWorkflow, UnstorableWorkflow, UnstorableOutputWorkflow];
  module = await boot({ providers: [...workflows, Steps] }, { storage: { type: 'memory' } });
});

const shared = { id: 1 };
const cycle: Record<string, unknown> = { name: 'cycle' };
cycle['self'] = cycle;
const bytes = new Uint8Array([1, 2, 3, 255]);

const VALUES: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['null and booleans', [null, true, false]],
  ['numbers', [0, -0, NaN, Infinity, -Infinity, 1.5, Number.MAX_SAFE_INTEGER]],
  ['a bigint', 2n ** 80n],
  ['text', 'a\0b \uD800 😀 "quoted"'],
  ['a sparse array', [, 1, , undefined]], // oxlint-disable-line no-sparse-arrays
  ['nested objects', { a: { b: [{ c: undefined }] }, constructor: 1 }],
  ['a Map and a Set', new Map<unknown, unknown>([[shared, new Set([shared, 1])], ['k', undefined]])], // prettier-ignore
  ['a cycle', cycle],
  ['something shared', [shared, { shared }]],
  ['a Date and durations', [new Date(5), '1h30m', 300, { hours: 2 }]],
  ['a Buffer', Buffer.from(bytes)],
  [
    'typed arrays',
    [bytes, new Uint8ClampedArray(bytes), new Int8Array(bytes), new Int16Array([1]), new Uint16Array([1])],
  ],
  ['larger ones', [new Int32Array([1]), new Uint32Array([1]), new Float32Array([1.5]), new Float64Array([1.5])]],
  ['64-bit ones', [new BigInt64Array([-1n]), new BigUint64Array([1n])]],
  ['an ArrayBuffer and a DataView', [bytes.buffer, new DataView(new Uint8Array([9]).buffer)]],
  ['a Decimal', { price: new Decimal('0.1').plus('0.2') }],
  ['a URL and a RegExp', [new URL('https://a.example/?b'), new URLSearchParams('a=1'), /a"b/giu]],
  ['an error', Object.assign(new TypeError('x', { cause: { code: 7 } }), { status: 404 })],
  ['an AggregateError', new AggregateError([new Error('a'), 'b'], 'several')],
  ['enums', [Size.Small, Size.Large]],
  ['a registered class', new Money(5n, 'EUR')],
  ['what looks like a tag', [{ type: 'Class', data: {} }, ['Map', 1], 'dv1:-1', { base64: 'AA==' }]],
];

it.each(VALUES)('%s comes back as it was, wherever it stood', async (_, value) => {
  const run = await module.client.start(ValuesWorkflow, [value]);
  await eventually(async () => (await module.client.listHooks(run.runId)).length === 1, 'the hook');
  await module.client.resumeHook('the-value', value);
  const got = (await run.result()) as Record<string, unknown>;
  for (const place of ['value', 'result', 'payload', 'thrown']) {
    expect([place, isDeepStrictEqual(got[place], value)]).toEqual([place, true]);
  }
  expect(got['error']).toEqual(['it carries a value', 'Carrying', new RangeError('a cause')]);
});

class Unregistered {
  toJSON(): string {
    return 'x';
  }
}

const UNSTORABLE: readonly (readonly [string, unknown, string])[] = [
  ['a function', () => 1, 'a function cannot be stored'],
  ['a symbol', Symbol('s'), 'a symbol cannot be stored'],
  ['a promise', [Promise.resolve(1)], 'await it'],
  ['a stream', { out: process.stdout }, 'holds live state'],
  ['an AbortSignal', new AbortController().signal, 'holds live state'],
  ['an unregistered class with toJSON', new Unregistered(), 'registerSerializable'],
];

it.each(UNSTORABLE)(
  '%s is refused by its path, wherever it stands, and the workflow may go on',
  async (_, value, why) => {
    made = Array.isArray(value) ? { deep: value } : value;
    await expect(module.client.start(ValuesWorkflow, [{ deep: made }])).rejects.toMatchObject({
      code: 'SERIALIZATION',
      path: expect.stringMatching(/^args\[0\]\.deep/),
      reason: expect.stringContaining(why),
    });
    const [asArgument, asResult] = (await (await module.client.start(UnstorableWorkflow, [])).result()).split(' | ');
    expect(asArgument).toMatch(/^args\[0\]\.list\[0\]/);
    expect(asResult).toMatch(/^result/);
    for (const message of [asArgument, asResult]) expect(message).toContain(why);

    const failed = await (
      await module.client.start(UnstorableOutputWorkflow, [])
    )
      .result()
      .catch((error: unknown) => error);
    const { cause } = failed as RunFailedError;
    expect(cause).toBeInstanceOf(SerializationError);
    expect((cause as SerializationError).path).toMatch(/^output\.made/);
  },
);

it('what cannot be stored is no payload, and the hook stays open', async () => {
  const run = await module.client.start(ValuesWorkflow, [1]);
  await eventually(async () => (await module.client.listHooks(run.runId)).length === 1, 'the hook');
  const refused = module.client.resumeHook('the-value', { deep: [() => 1] });
  await expect(refused).rejects.toMatchObject({ code: 'SERIALIZATION', path: 'payload.deep[0]' });
  await module.client.resumeHook('the-value', 2);
  expect(await run.result()).toMatchObject({ payload: 2 });
});

it('an error that holds what cannot be stored arrives without it', async () => {
  const run = await module.client.start(ValuesWorkflow, [1]);
  await eventually(async () => (await module.client.listHooks(run.runId)).length === 1, 'the hook');
  await module.client.resumeHook('the-value', Object.assign(new Error('kept'), { socket: process.stdout, port: 5 }));
  const { payload } = (await run.result()) as { payload: Error & { socket?: unknown; port: number } };
  expect([payload.message, payload.port, 'socket' in payload]).toEqual(['kept', 5, false]);
});
