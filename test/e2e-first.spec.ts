import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  createHook,
  FatalError,
  getCurrentContext,
  PyWorkflowModule,
  sleep,
  Step,
  Workflow,
  WorkflowClient,
} from '../src/index.js';

@Injectable()
class PaymentSteps {
  attempts = 0;
  @Step({ maxRetries: 2, backoff: '1ms' })
  async charge(amount: number): Promise<string> {
    this.attempts += 1;
    if (this.attempts < 2) throw new Error('declined');
    return `charged ${amount}`;
  }
  @Step
  async refuse(): Promise<never> {
    throw new FatalError('no');
  }
}

@Workflow({ name: 'order' })
class OrderWorkflow {
  private log: string[] = [];
  #secret = 1;
  constructor(private readonly payments: PaymentSteps) {}
  async run(amount: number): Promise<string> {
    this.log.push(await this.payments.charge(amount));
    await sleep('5ms');
    const hook = createHook<string>({ name: 'approval', token: `order-${getCurrentContext().runId}` });
    this.log.push(await hook, await this.own(), String(this.#secret++));
    return this.log.join(', ');
  }
  @Step() async own(): Promise<string> {
    return 'own';
  }
}

@Injectable()
class Services {
  constructor(private readonly payments: PaymentSteps) {}
  @Workflow() async fulfil(n: number): Promise<number> {
    await sleep(0.001);
    return n + (await this.twice(n));
  }
  @Step() async twice(n: number): Promise<number> {
    return n * 2;
  }
}

it('runs', async () => {
  const module = await Test.createTestingModule({
    imports: [PyWorkflowModule.forRoot({ storage: { type: 'memory' }, logger: false })],
    providers: [PaymentSteps, OrderWorkflow, Services],
  }).compile();
  const app = module.createNestApplication();
  await app.init();
  const client = app.get(WorkflowClient);
  const run = await client.start(OrderWorkflow, [5]);
  const token = `order-${run.runId}`;
  for (let i = 0; i < 3000; i++) {
    if ((await client.getEvents(run.runId)).some((e) => e.type === 'hook.created')) break;
    await new Promise((r) => setImmediate(r));
  }
  await client.resumeHook(token, 'yes');
  const result: string = await run.result();
  expect(result).toBe('charged 5, yes, own, 1');
  const second = await client.start([Services, 'fulfil'], [3]);
  const n: number = await second.result();
  expect(n).toBe(9);
  // @ts-expect-error wrong arguments
  await expect(client.start([Services, 'fulfil'], ['x']).then((r) => r.result())).resolves.toBe('xNaN');
  // @ts-expect-error wrong arguments
  void client.start(OrderWorkflow, ['5']).catch(() => {});
  await expect(client.start<number>('Services.fulfill', [])).rejects.toThrow('Did you mean "Services.fulfil"?');
  console.log(await run.events());
  console.log(await run.describe());
  await app.close();
  await app.close();
});
