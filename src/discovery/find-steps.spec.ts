import { Controller, Inject, Injectable, Module, Scope } from '@nestjs/common';
import { LazyModuleLoader, REQUEST } from '@nestjs/core';
import { Step } from '../decorators/step.decorator.js';
import { Workflow } from '../decorators/workflow.decorator.js';
import { findCurrentContext, type StepContext } from '../../libs/runtime/index.js';
import { boot, stepsOf } from './boot.spec-helpers.js';

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
