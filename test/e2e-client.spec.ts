import { Injectable } from '@nestjs/common';
import {
  createHook,
  EventReplayer,
  EventRepository,
  HookNotFoundError,
  HookRepository,
  HookUsedError,
  IdempotencyConflictError,
  ResultTimeoutError,
  RunCancelledError,
  RunEndedError,
  RunFailedError,
  RunNotFoundError,
  RunRepository,
  sleep,
  Step,
  Workflow,
  WorkflowClient,
  WorkflowHandle,
  WorkflowStore,
} from 'nestjs-pyworkflow';
import { boot, eventually, STORAGES, storageOf, untilEvent } from './e2e-app.spec-helpers.js';

interface Order {
  readonly id: string;
  readonly amount: number;
}

@Injectable()
class PaymentSteps {
  @Step() async charge(order: Order): Promise<{ charged: number }> {
    return { charged: order.amount };
  }
  @Step({ maxRetries: 0 }) async decline(): Promise<never> {
    throw new RangeError('too much');
  }
}

@Workflow({ name: 'order', tags: ['shop'], description: 'Charges an order.' })
class OrderWorkflow {
  constructor(private readonly payments: PaymentSteps) {}
  async run(order: Order): Promise<string> {
    const { charged } = await this.payments.charge(order);
    return `${order.id} ${charged}`;
  }
}

@Workflow({ name: 'approval' })
class ApprovalWorkflow {
  async run(token?: string): Promise<unknown> {
    return createHook({ name: 'approval', ...(token !== undefined && { token }) });
  }
}

@Workflow({ name: 'declined' })
class DeclinedWorkflow {
  constructor(private readonly payments: PaymentSteps) {}
  async run(): Promise<void> {
    await this.payments.decline();
  }
}

@Workflow({ name: 'sleeper' })
class SleeperWorkflow {
  async run(): Promise<string> {
    try {
      await sleep('30d');
      return 'slept';
    } finally {
      await this.cleanUp();
    }
  }
  @Step() async cleanUp(): Promise<void> {}
}

const providers = [PaymentSteps, OrderWorkflow, ApprovalWorkflow, DeclinedWorkflow, SleeperWorkflow];

describe.each(STORAGES)('the client, on %s', (storage) => {
  const setUp = async () => boot({ providers }, { storage: await storageOf(storage) });

  it('starts runs and gives typed handles', async () => {
    const { client } = await setUp();
    const run: WorkflowHandle<string> = await client.start(OrderWorkflow, [{ id: 'a', amount: 5 }], { tags: ['vip'] });
    const result: string = await run.result();
    expect(result).toBe('a 5');
    expect(await run.status()).toBe('completed');
    const described = await run.describe();
    expect(described).toMatchObject({
      runId: run.runId,
      workflow: 'order',
      version: 1,
      status: 'completed',
      tags: ['shop', 'vip'],
      output: 'a 5',
      eventCount: 4,
      recoveryAttempts: 0,
      createdAt: expect.any(Date),
      updatedAt: expect.any(Date),
      endedAt: expect.any(Date),
    });
    expect(described).not.toHaveProperty('owner');
    expect(described).not.toHaveProperty('fence');
    const again = client.getHandle<string>(run.runId);
    expect(await again.result({ timeout: '1s' })).toBe('a 5');
  });

  it('gives one run for one key, however many starts come at once', async () => {
    const { client } = await setUp();
    const order = { id: 'a', amount: 5 };
    const starts = Array.from({ length: 100 }, () =>
      client.start(OrderWorkflow, [order], { idempotencyKey: 'order-a' }),
    );
    const runs = await Promise.all(starts);
    expect(new Set(runs.map(({ runId }) => runId)).size).toBe(1);
    expect(await Promise.all(runs.map((run) => run.result()))).toEqual(Array.from({ length: 100 }, () => 'a 5'));
    expect((await client.listRuns()).runs).toHaveLength(1);
    const other = client.start(OrderWorkflow, [{ id: 'b', amount: 1 }], { idempotencyKey: 'order-a' });
    await expect(other).rejects.toThrow(IdempotencyConflictError);
    const named = await client.start(OrderWorkflow, [order], { runId: 'order/1' });
    expect(await client.start(OrderWorkflow, [order], { runId: 'order/1' })).toMatchObject({ runId: named.runId });
    await expect(client.start(OrderWorkflow, [{ ...order, amount: 6 }], { runId: 'order/1' })).rejects.toThrow(
      IdempotencyConflictError,
    );
  });

  it('tells how a run failed or was cancelled', async () => {
    const { client } = await setUp();
    const failed = await client.start(DeclinedWorkflow, []);
    const error = await failed.result().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RunFailedError);
    expect(error).toMatchObject({ code: 'RUN_FAILED', runId: failed.runId, workflow: 'declined' });
    expect((error as Error).cause).toBeInstanceOf(RangeError);
    expect((await failed.describe()).error).toMatchObject({ message: 'too much' });

    const cancelled = await client.start(SleeperWorkflow, []);
    await expect(cancelled.result({ timeout: '1d' })).rejects.toThrow(ResultTimeoutError);
    await cancelled.cancel();
    await expect(cancelled.result()).rejects.toThrow(RunCancelledError);
    expect(await cancelled.status()).toBe('cancelled');
    expect((await cancelled.events()).map(({ type }) => type)).toEqual([
      'workflow.started',
      'sleep.started',
      'workflow.cancel_requested',
      'sleep.cancelled',
      'step.scheduled',
      'step.completed',
      'workflow.cancelled',
    ]);
    await expect(cancelled.cancel()).rejects.toThrow(RunEndedError);
    await expect(cancelled.resume()).rejects.toThrow(RunEndedError);

    const awaited = await client.start(SleeperWorkflow, []);
    await awaited.cancel({ wait: '1m' });
    expect(await awaited.status()).toBe('cancelled');
  });

  it('lists runs by status, workflow, tags and time, in pages', async () => {
    const { client, clock } = await setUp();
    for (let i = 0; i < 5; i++) {
      await (
        await client.start(OrderWorkflow, [{ id: String(i), amount: i }], { tags: i % 2 ? ['odd'] : [] })
      ).result();
      await clock.advance('1h');
    }
    const failed = await client.start(DeclinedWorkflow, []);
    await failed.result().catch(() => {});
    const all = await client.listRuns();
    expect(all.runs.map(({ output, status }) => output ?? status)).toEqual([
      'failed',
      '4 4',
      '3 3',
      '2 2',
      '1 1',
      '0 0',
    ]);
    expect(all.nextCursor).toBeUndefined();
    expect((await client.listRuns({ status: 'failed' })).runs).toHaveLength(1);
    expect((await client.listRuns({ status: ['failed', 'completed'] })).runs).toHaveLength(6);
    expect((await client.listRuns({ workflow: 'declined' })).runs).toHaveLength(1);
    expect((await client.listRuns({ tags: ['shop', 'odd'] })).runs.map(({ output }) => output)).toEqual(['3 3', '1 1']);
    const third = all.runs[3]!.createdAt;
    expect(
      (await client.listRuns({ createdAfter: third, workflow: 'order' })).runs.map(({ output }) => output),
    ).toEqual(['4 4', '3 3']);
    expect((await client.listRuns({ createdBefore: third })).runs.map(({ output }) => output)).toEqual(['1 1', '0 0']);
    const first = await client.listRuns({ limit: 4 });
    const second = await client.listRuns({ limit: 4, cursor: first.nextCursor! });
    expect([...first.runs, ...second.runs]).toEqual(all.runs);
    expect(second.nextCursor).toBeUndefined();
  });

  it('reads histories whole, in parts and as a stream, decoded and without secrets', async () => {
    const { client } = await setUp();
    const run = await client.start(ApprovalWorkflow, ['secret-token-1']);
    await untilEvent(client, run.runId, 'hook.created');
    await client.resumeHook('secret-token-1', { ok: true, at: new Date(0) });
    await run.result();
    const events = await run.events();
    expect(
      events.map(({ sequence, type, id, data, attributes }) => ({ sequence, type, id, data, attributes })),
    ).toEqual([
      {
        sequence: 1,
        type: 'workflow.started',
        id: undefined,
        data: ['secret-token-1'],
        attributes: { workflow: 'approval', version: 1 },
      },
      { sequence: 2, type: 'hook.created', id: 'approval#1', data: undefined, attributes: {} },
      { sequence: 3, type: 'hook.received', id: 'approval#1', data: { ok: true, at: new Date(0) }, attributes: {} },
      { sequence: 4, type: 'workflow.completed', id: undefined, data: { ok: true, at: new Date(0) }, attributes: {} },
    ]);
    expect(JSON.stringify(events)).not.toContain('seed');
    const [, created] = await run.events({ includeTokens: true });
    expect(created?.attributes).toEqual({ token: 'secret-token-1' });
    expect((await client.getEvents(run.runId, { after: 1, limit: 2 })).map(({ sequence }) => sequence)).toEqual([2, 3]);
    const streamed: number[] = [];
    for await (const { sequence } of client.streamEvents(run.runId, { after: 2 })) streamed.push(sequence);
    expect(streamed).toEqual([3, 4]);
    const replayer = new EventReplayer(events);
    expect(replayer.stateAt(2).hooks).toMatchObject([{ id: 'approval#1', status: 'open' }]);
    expect(replayer.state).toMatchObject({ status: 'completed', output: { ok: true } });
  });

  it('delivers to hooks: of many deliveries one wins, and the same one twice changes nothing', async () => {
    const { client } = await setUp();
    const run = await client.start(ApprovalWorkflow, ['the-token-1']);
    await untilEvent(client, run.runId, 'hook.created');
    expect(await client.getHook('the-token-1')).toEqual({
      runId: run.runId,
      id: 'approval#1',
      status: 'open',
      multiple: false,
      createdAt: expect.any(Date),
    });
    expect(await client.listHooks(run.runId)).toEqual([expect.not.objectContaining({ token: 'the-token-1' })]);
    expect(await client.listHooks(run.runId, { includeTokens: true })).toMatchObject([{ token: 'the-token-1' }]);
    const deliveries = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => client.resumeHook('the-token-1', index, { deliveryId: `d${index}` })),
    );
    const won = deliveries.flatMap((it, index) => (it.status === 'fulfilled' ? [index] : []));
    expect(won).toHaveLength(1);
    for (const it of deliveries) if (it.status === 'rejected') expect(it.reason).toBeInstanceOf(HookUsedError);
    expect(await run.result()).toBe(won[0]);
    const again = await client.resumeHook('the-token-1', 'other', { deliveryId: `d${won[0]}` });
    expect(again.runId).toBe(run.runId);
    await expect(client.resumeHook('the-token-1', 'other')).rejects.toThrow(HookUsedError);
    await expect(client.resumeHook('no-such-token', 1)).rejects.toThrow(HookNotFoundError);
    await expect(client.getHook('no-such-token')).rejects.toThrow(HookNotFoundError);
  });

  it('gives a hook a secret of its own unless one is chosen', async () => {
    const { client } = await setUp();
    const runs = await Promise.all([client.start(ApprovalWorkflow, []), client.start(ApprovalWorkflow, [])]);
    await Promise.all(runs.map(({ runId }) => untilEvent(client, runId, 'hook.created')));
    const tokens = await Promise.all(
      runs.map(async ({ runId }) => (await client.listHooks(runId, { includeTokens: true }))[0]?.token ?? ''),
    );
    expect(new Set(tokens).size).toBe(2);
    for (const token of tokens) expect(token).toMatch(/^[\w-]{43}$/);
    await client.resumeHook(tokens[0] ?? '', 'yes');
    expect(await runs[0]?.result()).toBe('yes');
  });

  it('says so when there is no such run', async () => {
    const { client } = await setUp();
    const handle = client.getHandle('nobody');
    const asks = [
      () => handle.status(),
      () => handle.result(),
      () => handle.events(),
      () => handle.cancel(),
      () => handle.resume(),
      () => client.listHooks('nobody'),
    ];
    for (const ask of asks) await expect(ask()).rejects.toThrow(RunNotFoundError);
  });

  it('has the store and its repositories injected wherever they are asked for', async () => {
    @Injectable()
    class Reports {
      constructor(
        readonly runs: RunRepository,
        readonly events: EventRepository,
        readonly hooks: HookRepository,
        readonly store: WorkflowStore,
        readonly client: WorkflowClient,
      ) {}
    }
    const module = await boot({ providers: [...providers, Reports] }, { storage: await storageOf(storage) });
    const run = await module.client.start(OrderWorkflow, [{ id: 'a', amount: 1 }]);
    await run.result();
    const reports = module.get(Reports);
    expect(await reports.runs.get(run.runId)).toMatchObject({ workflow: 'order', status: 'completed' });
    expect(await reports.events.load(run.runId, 0, 10)).toHaveLength(4);
    expect(await reports.hooks.list(run.runId)).toEqual([]);
    expect(reports.store.runs).toBe(reports.runs);
    expect(reports.client).toBe(module.client);
  });
});

it('lists the workflows that the process knows', async () => {
  const { client } = await boot({ providers });
  expect(client.listWorkflows()).toEqual([
    { name: 'order', version: 1, description: 'Charges an order.' },
    { name: 'approval', version: 1 },
    { name: 'declined', version: 1 },
    { name: 'sleeper', version: 1 },
  ]);
});

it('must not be used in workflow code, where a replay would use it again', async () => {
  @Workflow({ name: 'nested' })
  class Nested {
    constructor(private readonly client: WorkflowClient) {}
    async run(): Promise<string> {
      return this.client.start(OrderWorkflow, [{ id: 'a', amount: 1 }]).then(
        () => 'started',
        (error: Error) => error.message,
      );
    }
  }
  const { client } = await boot({ providers: [...providers, Nested] });
  expect(await (await client.start(Nested, [])).result()).toMatch(
    /WorkflowClient.start\(\) was called in the code of a workflow/,
  );
});

it('can be used in steps', async () => {
  @Workflow({ name: 'parent' })
  class Parent {
    constructor(private readonly client: WorkflowClient) {}
    async run(): Promise<string> {
      return this.startOrder();
    }
    @Step() async startOrder(): Promise<string> {
      const run = await this.client.start(OrderWorkflow, [{ id: 'a', amount: 1 }]);
      let status = await run.status();
      await eventually(async () => (status = await run.status()) === 'completed');
      return status;
    }
  }
  const { client } = await boot({ providers: [...providers, Parent] });
  expect(await (await client.start(Parent, [])).result()).toBe('completed');
});

/** Only compiled: the type checker is the test. */
export async function misuse(client: WorkflowClient): Promise<void> {
  // @ts-expect-error the order lacks its amount
  await client.start(OrderWorkflow, [{ id: 'a' }]);
  // @ts-expect-error an argument is missing
  await client.start(OrderWorkflow, []);
  // @ts-expect-error an argument too many
  await client.start(SleeperWorkflow, [1]);
  // @ts-expect-error no class of a workflow
  await client.start(PaymentSteps, []);
  // @ts-expect-error no such method
  await client.start([PaymentSteps, 'chrge'], []);
  // @ts-expect-error no such option
  await client.start(SleeperWorkflow, [], { tag: ['a'] });
  // @ts-expect-error the result is a text
  const wrong: number = await (await client.start(SleeperWorkflow, [])).result();
  const right: { charged: number } = await (
    await client.start([PaymentSteps, 'charge'], [{ id: 'a', amount: 1 }])
  ).result();
  // @ts-expect-error no such status
  await client.listRuns({ status: 'done' });
  void [wrong, right];
}
