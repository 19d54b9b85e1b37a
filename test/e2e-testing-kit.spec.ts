import { Injectable, Module } from '@nestjs/common';
import {
  createHook,
  FatalError,
  PyWorkflowConfigError,
  PyWorkflowModule,
  ResultTimeoutError,
  sleep,
  Step,
  Workflow,
  WorkflowClient,
} from 'nestjs-pyworkflow';
import { RunStuckError, WorkflowTestingModule, type WorkflowTestingModuleBuilder } from 'nestjs-pyworkflow/testing';
import { closeLater } from './e2e-app.spec-helpers.js';

const HOUR_MS = 3_600_000;

@Injectable()
class PaymentSteps {
  @Step({ maxRetries: 3, backoff: '1h' }) async charge(amount: number): Promise<string> {
    throw new Error(`no network for ${amount}`);
  }
}

@Workflow({ name: 'order' })
class OrderWorkflow {
  constructor(private readonly payments: PaymentSteps) {}
  async run(amount: number): Promise<string> {
    const charge = await this.payments.charge(amount);
    await sleep('7d');
    const approval = createHook<string>({ name: 'approval', token: `approval-${amount}`, timeout: '2d' });
    return `${charge} ${await approval.catch(() => 'expired')}`;
  }
}

@Workflow({ name: 'stuck' })
class StuckWorkflow {
  async run(): Promise<void> {
    await createHook({ name: 'approval' });
  }
}

@Workflow({ name: 'patient' })
class PatientWorkflow {
  async run(): Promise<string> {
    await sleep({ days: 500 * 365 });
    return 'awake';
  }
}

const providers = [PaymentSteps, OrderWorkflow, StuckWorkflow, PatientWorkflow];
const charged = { charge: async () => 'ch_1' };

async function compile(builder: WorkflowTestingModuleBuilder): Promise<WorkflowTestingModule> {
  return closeLater(await builder.compile());
}

const create = () => WorkflowTestingModule.create({ providers }).overrideProvider(PaymentSteps).useValue(charged);

@Workflow({ name: 'early' })
class EarlyWorkflow {
  constructor(private readonly payments: PaymentSteps) {}
  async run(): Promise<string> {
    const helper = this.pay();
    await sleep('7d'); // put aside meanwhile: this replay never awaits the helper
    await sleep('7d');
    return helper.catch((error: Error) => `caught: ${error.message}`);
  }
  private async pay(): Promise<string> {
    return `paid ${await this.payments.charge(3)}`;
  }
}

describe('WorkflowTestingModule', () => {
  it('does not fail the test over a helper that rejects before it is awaited', async () => {
    const module = await compile(
      WorkflowTestingModule.create({ providers: [EarlyWorkflow, PaymentSteps] })
        .overrideProvider(PaymentSteps)
        .useValue({ charge: jest.fn().mockRejectedValue(new FatalError('declined')) }),
    );
    const run = await module.client.start(EarlyWorkflow, []);
    expect(await run.result()).toBe('caught: declined');
  });

  it('skips the time that nothing happens in, and calls mocks durably', async () => {
    const charge = jest.fn<Promise<string>, [number]>().mockRejectedValueOnce(new Error('x')).mockResolvedValue('ch_1');
    const startAt = new Date('2026-03-01T12:00:00Z');
    const module = await compile(
      WorkflowTestingModule.create({ providers, startAt }).overrideProvider(PaymentSteps).useValue({ charge }),
    );
    const run = await module.client.start(OrderWorkflow, [5]);
    expect(await run.result()).toBe('ch_1 expired');
    expect(module.clock.now() - startAt.getTime()).toBe((1 + 9 * 24) * HOUR_MS);
    expect(module.clock.date).toEqual(new Date('2026-03-10T13:00:00Z'));
    expect((await run.describe()).createdAt).toEqual(startAt);
    expect(charge.mock.calls).toEqual([[5], [5]]);
  });

  it('moves time when it is told to, and lets hooks be delivered at their time', async () => {
    const module = await compile(create());
    const run = await module.client.start(OrderWorkflow, [5]);
    await module.clock.advance('7d');
    expect(await run.status()).toBe('suspended');
    expect(await module.client.listHooks(run.runId)).toMatchObject([{ id: 'approval#1', status: 'open' }]);
    await module.client.resumeHook('approval-5', 'yes');
    expect(await run.result()).toBe('ch_1 yes');

    const other = await module.client.start(OrderWorkflow, [6]);
    await module.clock.advanceTo(new Date(module.clock.now() + 8 * 24 * HOUR_MS));
    expect(await other.status()).toBe('suspended');
    await expect(module.clock.advanceTo(new Date(0))).rejects.toThrow('The clock goes forwards only');
    await expect(module.clock.advanceTo('later' as never)).rejects.toThrow('The clock goes forwards only');
    await expect(module.clock.advance('-1h')).rejects.toThrow('is not a duration');
    expect(await other.result()).toBe('ch_1 expired');
  });

  it('works while the test fakes the timers', async () => {
    jest.useFakeTimers();
    try {
      const module = await compile(create());
      const run = await module.client.start(OrderWorkflow, [7]);
      expect(await run.result()).toBe('ch_1 expired');
      const stuck = await module.client.start(StuckWorkflow, []);
      await expect(stuck.result()).rejects.toThrow(RunStuckError);
      await module.close();
    } finally {
      jest.useRealTimers();
    }
  });

  it('lets many wait at once', async () => {
    const module = await compile(create());
    const runs = await Promise.all([1, 2, 3].map((amount) => module.client.start(OrderWorkflow, [amount])));
    expect(await Promise.all(runs.map((run) => run.result()))).toEqual([
      'ch_1 expired',
      'ch_1 expired',
      'ch_1 expired',
    ]);
  });

  it('waits no longer than it is told', async () => {
    const module = await compile(create());
    const run = await module.client.start(OrderWorkflow, [5]);
    await expect(run.result({ timeout: '1d' })).rejects.toThrow(ResultTimeoutError);
    expect(await run.status()).toBe('suspended');
  });

  it('says what a run is stuck on instead of hanging', async () => {
    const module = await compile(create());
    const run = await module.client.start(StuckWorkflow, []);
    const error = await run.result().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RunStuckError);
    expect(error).toMatchObject({
      status: 'suspended',
      message: expect.stringContaining('it waits for hook "approval#1". Deliver with client.resumeHook()'),
    });
  });

  it('tells a run that waits for longer than the clock skips', async () => {
    const module = await compile(create());
    const run = await module.client.start(PatientWorkflow, []);
    const until = new Date(module.clock.now() + 500 * 365 * 24 * HOUR_MS);
    const error = await run.result().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'RUN_STUCK',
      message:
        `Run "${run.runId}" is suspended and does not end by itself: it waits until ${until.toISOString()}, and the clock skips at most 400 years by itself. ` +
        'Move it on with clock.advanceTo() before you wait for the result.',
    });
    await module.clock.advanceTo(until);
    expect(await run.result()).toBe('awake');
  });

  it('takes over the options of an application that brings the module along, however it does', async () => {
    const ways = [
      PyWorkflowModule.forRoot({ storage: { type: 'sqlite', path: '/nowhere/at/all.db' } }),
      PyWorkflowModule.forRootAsync({
        useFactory: () => {
          throw new Error('no configuration in tests');
        },
      }),
    ];
    for (const way of ways) {
      @Module({ imports: [way] })
      class CoreModule {}
      @Module({ imports: [CoreModule], providers })
      class AppModule {}
      const module = await compile(
        WorkflowTestingModule.create({ imports: [AppModule] })
          .overrideProvider(PaymentSteps)
          .useValue(charged),
      );
      expect(module.get(WorkflowClient)).toBe(module.client);
      expect(await (await module.client.start(OrderWorkflow, [1])).result()).toBe('ch_1 expired');
    }
  });

  it('overrides by class and by factory, and leaves the rest to Nest', async () => {
    class FakePayments {
      async charge(amount: number): Promise<string> {
        return `fake ${amount}`;
      }
    }
    const byClass = await compile(
      WorkflowTestingModule.create({ providers }).overrideProvider(PaymentSteps).useClass(FakePayments),
    );
    expect(await (await byClass.client.start(OrderWorkflow, [1])).result()).toBe('fake 1 expired');
    const byFactory = await compile(
      WorkflowTestingModule.create({ providers: [...providers, { provide: 'text', useValue: 'made' }] })
        .overrideProvider(PaymentSteps)
        .useFactory({ factory: (text: string) => ({ charge: async () => text }), inject: ['text'] })
        .configure((builder) => builder.overrideProvider('text').useValue('configured')),
    );
    expect(await (await byFactory.client.start(OrderWorkflow, [1])).result()).toBe('configured expired');
  });

  it('does not start with what is wrong', async () => {
    @Injectable()
    class Broken {
      @Step({ maxRetries: -1 }) async step(): Promise<void> {}
    }
    await expect(WorkflowTestingModule.create({ providers: [Broken] }).compile()).rejects.toThrow(
      PyWorkflowConfigError,
    );
    const wrong = WorkflowTestingModule.create({ providers, workflow: { lease: 'soon' } });
    await expect(wrong.compile()).rejects.toThrow(PyWorkflowConfigError);
  });
});
