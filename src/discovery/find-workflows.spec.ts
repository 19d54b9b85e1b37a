import { forwardRef, Inject, Injectable } from '@nestjs/common';
import { Step } from '../decorators/step.decorator.js';
import { Workflow } from '../decorators/workflow.decorator.js';
import { getCurrentContext, sleep } from '../../libs/runtime/index.js';
import { boot, stepsOf } from './boot.spec-helpers.js';

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
