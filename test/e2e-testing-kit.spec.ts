import { Injectable, Module } from '@nestjs/common';
import { createHook, PyWorkflowModule, sleep, Step, Workflow } from 'nestjs-pyworkflow';
import { RunStuckError, WorkflowTestingModule } from 'nestjs-pyworkflow/testing';

@Injectable()
class PaymentSteps {
  @Step({ maxRetries: 3, backoff: '1h' })
  async charge(amount: number): Promise<string> {
    throw new Error(`no network for ${amount}`);
  }
}

@Workflow({ name: 'order' })
class OrderWorkflow {
  constructor(private readonly payments: PaymentSteps) {}
  async run(amount: number): Promise<string> {
    const charge = await this.payments.charge(amount);
    await sleep('7d');
    const approval = createHook<string>({ token: 'the-token', timeout: '2d' });
    return `${charge} ${await approval.catch(() => 'expired')}`;
  }
}

it('skips a week of sleep and calls mocks durably', async () => {
  const charge = jest.fn<Promise<string>, [number]>().mockRejectedValueOnce(new Error('x')).mockResolvedValue('ch_1');
  const module = await WorkflowTestingModule.create({ providers: [PaymentSteps, OrderWorkflow] })
    .overrideProvider(PaymentSteps)
    .useValue({ charge })
    .compile();
  const before = module.clock.now();
  const run = await module.client.start(OrderWorkflow, [5]);
  expect(await run.result()).toBe('ch_1 expired');
  expect(module.clock.now() - before).toBe(3_600_000 + 9 * 86_400_000);
  expect(charge).toHaveBeenCalledTimes(2);
  await module.close();
});

it('delivers', async () => {
  @Module({ imports: [PyWorkflowModule.forRoot()], providers: [PaymentSteps, OrderWorkflow] })
  class AppModule {}
  const module = await WorkflowTestingModule.create({ imports: [AppModule] })
    .overrideProvider(PaymentSteps)
    .useValue({ charge: jest.fn(async () => 'ch_2') })
    .compile();
  const run = await module.client.start(OrderWorkflow, [5]);
  await module.clock.advance('7d');
  expect(await run.status()).toBe('suspended');
  await module.client.resumeHook('the-token', 'yes');
  expect(await run.result()).toBe('ch_2 yes');
  expect(module.get(PaymentSteps).charge).toHaveBeenCalledTimes(1);
  await module.close();
});

it('says what a run is stuck on', async () => {
  @Workflow({ name: 'stuck' })
  class Stuck {
    async run() {
      await createHook({ name: 'approval' });
    }
  }
  const module = await WorkflowTestingModule.create({ providers: [Stuck] }).compile();
  const run = await module.client.start(Stuck, []);
  await expect(run.result()).rejects.toThrow(RunStuckError);
  await module.close();
});
