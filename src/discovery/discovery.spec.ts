import { Controller, forwardRef, Inject, Injectable, Module, Scope } from '@nestjs/common';
import { LazyModuleLoader, REQUEST } from '@nestjs/core';
import { Step } from '../decorators/step.decorator.js';
import { Workflow } from '../decorators/workflow.decorator.js';
import { findCurrentContext, getCurrentContext, sleep, type StepContext } from '../../libs/runtime/index.js';
import type { WorkflowTestingModule } from '../testing/index.js';
import { boot } from './boot.spec-helpers.js';

/** The step calls that a run has made. */
async function stepsOf(module: WorkflowTestingModule, runId: string): Promise<readonly string[]> {
  const events = await module.client.getEvents(runId);
  return events.flatMap(({ type, id }) => (type === 'step.scheduled' ? [id ?? ''] : []));
}

describe('a step', () => {
  it('is found on providers of every kind, and on controllers', async () => {
    class ByClass {
      @Step() async call(): Promise<string> {
        return 'class';
      }
    }
    class ByFactory {
      @Step() async call(): Promise<string> {
        return 'factory';
      }
    }
    class ByValue {
      @Step() async call(): Promise<string> {
        return 'value';
      }
    }
    class ByToken {
      @Step() async call(): Promise<string> {
        return 'token';
      }
    }
    @Controller('orders')
    class OrdersController {
      @Step() async call(): Promise<string> {
        return 'controller';
      }
      @Workflow() async order(): Promise<string> {
        return this.call();
      }
    }
    @Workflow()
    class Order {
      constructor(
        private readonly byClass: ByClass,
        private readonly byFactory: ByFactory,
        private readonly byValue: ByValue,
        @Inject('token') private readonly byToken: ByToken,
      ) {}
      async run(): Promise<string[]> {
        const all = [this.byClass, this.byFactory, this.byValue, this.byToken];
        return Promise.all(all.map((it) => it.call()));
      }
    }
    const module = await boot({
      controllers: [OrdersController],
      providers: [
        Order,
        ByClass,
        { provide: ByFactory, useFactory: async () => new ByFactory() },
        { provide: ByValue, useValue: new ByValue() },
        { provide: 'token', useClass: ByToken },
        { provide: 'alias', useExisting: ByClass },
        { provide: 'same', useFactory: (it: ByClass) => it, inject: [ByClass] },
      ],
    });
    const run = await module.client.start(Order, []);
    expect(await run.result()).toEqual(['class', 'factory', 'value', 'token']);
    const steps = await stepsOf(module, run.runId);
    expect(steps).toEqual(['ByClass', 'ByFactory', 'ByValue', 'ByToken'].map((it) => `${it}.call#1`));
    const onController = await module.client.start([OrdersController, 'order'], []);
    expect(await onController.result()).toBe('controller');
    expect(await stepsOf(module, onController.runId)).toEqual(['OrdersController.call#1']);
  });

  it('is found once when several modules import the module that exports it', async () => {
    @Injectable()
    class Steps {
      @Step() async charge(): Promise<number> {
        return 1;
      }
    }
    @Module({ providers: [Steps], exports: [Steps] })
    class StepsModule {}
    @Workflow()
    class Order {
      constructor(private readonly steps: Steps) {}
      async run(): Promise<number> {
        return this.steps.charge();
      }
    }
    @Module({ imports: [StepsModule], providers: [Order] })
    class OrdersModule {}
    @Module({ imports: [StepsModule] })
    class RefundsModule {}
    const module = await boot({ imports: [OrdersModule, RefundsModule, StepsModule] });
    expect(await (await module.client.start(Order, [])).result()).toBe(1);
  });

  it('is inherited, and stays one when it is overridden', async () => {
    class Payments {
      @Step() async charge(): Promise<string> {
        return 'base';
      }
      @Step() async refund(): Promise<string> {
        return `refund by ${await this.charge()}`;
      }
    }
    @Injectable()
    class CardPayments extends Payments {
      override async charge(): Promise<string> {
        return `card over ${await super.charge()}`;
      }
    }
    @Workflow()
    class Order {
      constructor(private readonly payments: CardPayments) {}
      async run(): Promise<string[]> {
        return [await this.payments.charge(), await this.payments.refund()];
      }
    }
    const module = await boot({ providers: [Order, CardPayments] });
    const run = await module.client.start(Order, []);
    expect(await run.result()).toEqual(['card over base', 'refund by card over base']);
    expect(await stepsOf(module, run.runId)).toEqual(['CardPayments.charge#1', 'CardPayments.refund#1']);
  });

  it('is named after the class that others ask for, whatever stands in for it', async () => {
    class Payments {
      @Step() async charge(): Promise<string> {
        return 'real';
      }
    }
    class OtherPayments {
      async charge(): Promise<string> {
        return 'other';
      }
    }
    @Workflow()
    class Order {
      constructor(private readonly payments: Payments) {}
      async run(): Promise<string> {
        return this.payments.charge();
      }
    }
    const module = await boot({ providers: [Order, { provide: Payments, useClass: OtherPayments }] });
    const run = await module.client.start(Order, []);
    expect(await run.result()).toBe('other');
    expect(await stepsOf(module, run.runId)).toEqual(['Payments.charge#1']);
  });

  it('is a plain method outside a workflow, and inside another step', async () => {
    const contexts: (string | undefined)[] = [];
    @Injectable()
    class Steps {
      @Step() async outer(): Promise<number> {
        return (await this.inner(1)) + (await this.inner(2));
      }
      @Step() async inner(n: number): Promise<number> {
        contexts.push((findCurrentContext() as StepContext | undefined)?.stepId);
        return n;
      }
    }
    @Workflow()
    class Order {
      constructor(private readonly steps: Steps) {}
      async run(): Promise<number> {
        return this.steps.outer();
      }
    }
    const module = await boot({ providers: [Order, Steps] });
    expect(await module.get(Steps).outer()).toBe(3);
    expect(contexts).toEqual([undefined, undefined]);
    const run = await module.client.start(Order, []);
    expect(await run.result()).toBe(3);
    expect(await stepsOf(module, run.runId)).toEqual(['Steps.outer#1']);
    expect(contexts.slice(2)).toEqual(['Steps.outer#1', 'Steps.outer#1']);
  });

  it('of a mock is called durably and retried, and the mock counts', async () => {
    @Injectable()
    class Payments {
      @Step({ maxRetries: 2, backoff: '1m' }) async charge(_amount: number): Promise<string> {
        throw new Error('not in tests');
      }
      @Step() async refund(): Promise<void> {}
    }
    @Workflow()
    class Order {
      constructor(private readonly payments: Payments) {}
      async run(): Promise<string> {
        return this.payments.charge(5);
      }
    }
    const mock = { charge: jest.fn(async (_amount: number) => 'ok') };
    mock.charge.mockRejectedValueOnce(new Error('once'));
    const module = await boot({ providers: [Order, Payments] }, (builder) =>
      builder.overrideProvider(Payments).useValue(mock),
    );
    const run = await module.client.start(Order, []);
    expect(await run.result()).toBe('ok');
    expect(mock.charge).toHaveBeenCalledTimes(2);
    expect(mock.charge.mock.calls).toEqual([[5], [5]]);
    const types = (await run.events()).map(({ type }) => type);
    expect(types).toEqual([
      'workflow.started',
      'step.scheduled',
      'step.retrying',
      'step.completed',
      'workflow.completed',
    ]);

    mock.charge.mockResolvedValueOnce('later');
    expect(await (await module.client.start(Order, [])).result()).toBe('later');
  });

  it('can be spied on by its prototype while the application runs', async () => {
    @Injectable()
    class Payments {
      @Step() async charge(): Promise<string> {
        return 'real';
      }
    }
    @Workflow()
    class Order {
      constructor(private readonly payments: Payments) {}
      async run(): Promise<string> {
        return this.payments.charge();
      }
    }
    const module = await boot({ providers: [Order, Payments] });
    const spy = jest.spyOn(Payments.prototype, 'charge').mockResolvedValue('spied');
    expect(await (await module.client.start(Order, [])).result()).toBe('spied');
    spy.mockRestore();
    expect(await (await module.client.start(Order, [])).result()).toBe('real');
  });

  it('of a request-scoped provider has an instance for each attempt, with the step as its request', async () => {
    const seen: { readonly instance: object; readonly request: StepContext; readonly tenant: object }[] = [];
    @Injectable({ scope: Scope.REQUEST })
    class Tenant {}
    @Injectable()
    class Payments {
      constructor(
        readonly tenant: Tenant,
        @Inject(REQUEST) readonly request: StepContext,
      ) {}
      @Step({ maxRetries: 1, backoff: '1s' }) async charge(): Promise<string> {
        seen.push({ instance: this, request: this.request, tenant: this.tenant });
        if (seen.length === 1) throw new Error('again');
        return this.plain();
      }
      async plain(): Promise<string> {
        return `charged in attempt ${this.request.attempt}`;
      }
    }
    @Workflow()
    class Order {
      @Inject(Payments) private readonly injected!: Payments;
      constructor(private readonly payments: Payments) {}
      async run(): Promise<string[]> {
        return [await this.payments.charge(), await this.injected.charge()];
      }
    }
    const module = await boot({ providers: [Order, Payments, Tenant] });
    const run = await module.client.start(Order, []);
    expect(await run.result()).toEqual(['charged in attempt 2', 'charged in attempt 1']);
    expect(new Set(seen.map(({ instance }) => instance)).size).toBe(3);
    expect(new Set(seen.map(({ tenant }) => tenant)).size).toBe(3);
    expect(seen.map(({ request }) => request.stepId)).toEqual([
      'Payments.charge#1',
      'Payments.charge#1',
      'Payments.charge#2',
    ]);
  });

  it('of a module that is loaded later is found when that is loaded', async () => {
    @Injectable()
    class Steps {
      @Step() async charge(): Promise<number> {
        return 1;
      }
    }
    @Workflow({ name: 'lazy' })
    class Order {
      constructor(private readonly steps: Steps) {}
      async run(): Promise<number> {
        return this.steps.charge();
      }
    }
    @Module({ providers: [Order, Steps] })
    class LazyModule {}
    const module = await boot({});
    await expect(module.client.start('lazy', [])).rejects.toThrow('There is no workflow "lazy"');
    await module.get(LazyModuleLoader).load(() => LazyModule);
    const run = await module.client.start(Order, []);
    expect(await run.result()).toBe(1);
    expect(await stepsOf(module, run.runId)).toEqual(['Steps.charge#1']);
  });
});

describe('a workflow', () => {
  it('has an instance for each run, with its dependencies, private fields and injected properties', async () => {
    @Injectable()
    class Names {
      readonly greeting = 'hello';
    }
    let constructed = 0;
    @Workflow()
    class Order {
      @Inject('suffix') private readonly suffix!: string;
      private readonly log: string[] = [];
      #count = 0;
      constructor(
        private readonly names: Names,
        @Inject(forwardRef(() => Counter)) private readonly counter: { add(): number },
      ) {
        constructed += 1;
      }
      async run(name: string): Promise<string> {
        for (let i = 0; i < 3; i++) {
          this.#count += 1;
          this.log.push(`${this.names.greeting} ${name}${this.suffix}`);
          await sleep('1s');
        }
        return `${this.#count} ${this.log.length} ${this.log[0]} ${this.constructor.name} ${this.counter.add()}`;
      }
    }
    @Injectable()
    class Counter {
      private count = 0;
      constructor(@Inject(forwardRef(() => Order)) readonly order: unknown) {}
      add(): number {
        return (this.count += 1);
      }
    }
    const module = await boot({ providers: [Order, Names, Counter, { provide: 'suffix', useValue: '!' }] });
    expect(constructed).toBe(1);
    const runs = await Promise.all(['a', 'b'].map((name) => module.client.start(Order, [name])));
    const results = await Promise.all(runs.map((run) => run.result()));
    expect(results.sort()).toEqual(['3 3 hello a! Order 1', '3 3 hello b! Order 2']);
    expect(constructed).toBe(3);
  });

  it('can have steps of its own, which run on the provider and not on the instance of the run', async () => {
    const instances = new Set<object>();
    @Workflow({ name: 'own' })
    class Order {
      amount = 0;
      async run(amount: number): Promise<[number, number]> {
        instances.add(this);
        this.amount = amount;
        const charged = await this.charge(2);
        return [charged, this.amount];
      }
      @Step() async charge(factor: number): Promise<number> {
        instances.add(this);
        this.amount += 1;
        return this.amount * factor;
      }
    }
    const module = await boot({ providers: [Order] });
    const run = await module.client.start(Order, [5]);
    expect(await run.result()).toEqual([2, 5]);
    expect(await stepsOf(module, run.runId)).toEqual(['Order.charge#1']);
    expect(instances.size).toBe(2);
    expect(instances).toContain(module.get(Order));
  });

  it('can be a method of any provider, several in one class', async () => {
    @Injectable()
    class Orders {
      private readonly prefix = 'order';
      @Workflow() async fulfil(id: number): Promise<string> {
        await sleep('1h');
        return this.label(id);
      }
      @Workflow({ name: 'cancel-order', version: 3, description: 'Cancels an order.' }) async cancel(
        id: number,
      ): Promise<number> {
        return id + getCurrentContext().workflowName.length;
      }
      @Step() async label(id: number): Promise<string> {
        return `${this.prefix} ${id}`;
      }
    }
    const module = await boot({ providers: [Orders] });
    const run = await module.client.start([Orders, 'fulfil'], [7]);
    expect(await run.result()).toBe('order 7');
    expect(await run.describe()).toMatchObject({ workflow: 'Orders.fulfil', version: 1 });
    const cancelled = await module.client.start([Orders, 'cancel'], [1]);
    expect(await cancelled.result()).toBe(13);
    expect(await cancelled.describe()).toMatchObject({ workflow: 'cancel-order', version: 3 });
    expect(await (await module.client.start<string>('Orders.fulfil', [8])).result()).toBe('order 8');
    await expect(module.client.start([Orders, 'label'], [1])).rejects.toThrow(
      'Orders.label is not a workflow of this application.',
    );
  });

  it('can be replaced by a mock or by another class', async () => {
    @Workflow({ name: 'order' })
    class Order {
      async run(id: number): Promise<string> {
        return `real ${id}`;
      }
    }
    class Fake {
      async run(id: number): Promise<string> {
        return `fake ${id}`;
      }
    }
    const replaced = await boot({ providers: [Order] }, (builder) => builder.overrideProvider(Order).useClass(Fake));
    expect(await (await replaced.client.start(Order, [1])).result()).toBe('fake 1');
    const run = jest.fn(async (id: number) => `mock ${id}`);
    const mocked = await boot({ providers: [Order] }, (builder) => builder.overrideProvider(Order).useValue({ run }));
    expect(await (await mocked.client.start(Order, [2])).result()).toBe('mock 2');
    expect(run).toHaveBeenCalledWith(2);
  });

  it('can live in several versions beside each other', async () => {
    @Workflow({ name: 'order', version: 1 })
    class OrderV1 {
      async run(): Promise<string> {
        return 'v1';
      }
    }
    @Workflow({ name: 'order', version: 2 })
    class OrderV2 {
      async run(): Promise<string> {
        return 'v2';
      }
    }
    const { client } = await boot({ providers: [OrderV1, OrderV2] });
    expect(await (await client.start(OrderV1, [])).result()).toBe('v1');
    expect(await (await client.start('order', [])).result()).toBe('v2');
    expect(await (await client.start('order', [], { version: 1 })).result()).toBe('v1');
    expect(await (await client.start(OrderV2, [], { version: 1 })).result()).toBe('v1');
    await expect(client.start('order', [], { version: 3 })).rejects.toThrow(
      'There is no version 3 of workflow "order" in this application. It has: 2, 1.',
    );
  });
});

describe('the class API', () => {
  it('makes workflows and steps of classes that extend Workflow and Step', async () => {
    @Injectable()
    class ChargeCard extends Step {
      static override readonly options = { maxRetries: 1, backoff: '1s' };
      private attempts = 0;
      async execute(amount: number): Promise<string> {
        this.attempts += 1;
        if (this.attempts === 1) throw new Error('declined');
        return `charged ${amount}`;
      }
    }
    @Injectable()
    class SendMail extends Step {
      static override readonly options = { name: 'mail' };
      async execute(text: string): Promise<string> {
        return `sent ${text}`;
      }
    }
    @Injectable()
    class OrderWorkflow extends Workflow {
      static override readonly options = { name: 'order', tags: ['shop'] };
      private readonly parts: string[] = [];
      constructor(
        private readonly charge: ChargeCard,
        private readonly mail: SendMail,
      ) {
        super();
      }
      async run(amount: number): Promise<string> {
        this.parts.push(await this.charge.execute(amount));
        this.parts.push(await this.mail.execute('receipt'));
        return this.parts.join(', ');
      }
    }
    const module = await boot({ providers: [OrderWorkflow, ChargeCard, SendMail] });
    const run = await module.client.start(OrderWorkflow, [5]);
    expect(await run.result()).toBe('charged 5, sent receipt');
    expect(await stepsOf(module, run.runId)).toEqual(['ChargeCard#1', 'mail#1']);
    expect(await run.describe()).toMatchObject({ workflow: 'order', tags: ['shop'] });
    expect(await module.get(SendMail).execute('x')).toBe('sent x');
  });
});
