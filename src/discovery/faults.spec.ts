import { Inject, Injectable, Module, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { Step } from '../decorators/step.decorator.js';
import { Workflow } from '../decorators/workflow.decorator.js';
import { PyWorkflowModule } from '../pyworkflow.module.js';
import { boot, faultsAtBoot } from './boot.spec-helpers.js';

/** Decorates a class, or puts a decorator on a method, past the types. */
const untyped = (decorator: unknown): ((...args: unknown[]) => unknown) => decorator as (...args: unknown[]) => unknown;

class Base {
  async run(): Promise<void> {}
}
class NoRun {}
class Factory extends Base {}
class Twice extends Base {}
class Again extends Base {}

describe('faults at boot', () => {
  it('are one error that names each and how to mend it', async () => {
    untyped(Workflow())(NoRun);
    Workflow()(Factory);
    Workflow({ name: 'twice' })(Twice);
    Workflow({ name: 'twice' })(Again);
    @Workflow({ name: 'bad', version: 0, maxDuration: 'soon', tags: Array.from({ length: 11 }, String) })
    class BadOptions extends Base {}
    @Workflow({ ...({ maxDuraton: '1d' } as object) })
    class Misspelt extends Base {}

    const faults = await faultsAtBoot({
      providers: [NoRun, { provide: Factory, useFactory: () => new Factory() }, Twice, Again, BadOptions, Misspelt],
    });

    expect(faults).toEqual([
      'NoRun (in RootTestModule) is a workflow and has no run method: write one, or move the decorator to the method that is the workflow.',
      'Factory (in RootTestModule) is a workflow that a factory or a value provides, so no instance can be made for each run: put the class itself into providers.',
      'Workflow BadOptions (in RootTestModule): version must be a whole number from 1; it is 0.',
      `Workflow BadOptions (in RootTestModule): maxDuration must be a duration such as '30s' or '1h30m'; it is "soon".`,
      'Workflow BadOptions (in RootTestModule): tags must be a list of at most 10 tags, each a text of 1 to 200 printable characters; it is a list of 11.',
      'Workflow Misspelt (in RootTestModule): there is no option "maxDuraton". Did you mean "maxDuration"?',
      'Workflows named "twice" in version 1 are provided 2 times, by Twice (in RootTestModule) and by Again (in RootTestModule). Give each a name of its own, or another version: @Workflow({ name, version }).',
    ]);
  });

  it('tell a request-scoped or transient workflow to lose its scope', async () => {
    @Workflow()
    class Scoped extends Base {}
    Injectable({ scope: Scope.REQUEST })(Scoped);
    @Workflow()
    class Transient extends Base {}
    Injectable({ scope: Scope.TRANSIENT })(Transient);
    const words = 'is a workflow and has a scope: take it away, since each run has an instance of its own anyway.';
    expect(await faultsAtBoot({ providers: [Scoped, Transient] })).toEqual([
      `Scoped (in RootTestModule) ${words}`,
      `Transient (in RootTestModule) ${words}`,
    ]);
  });

  it('tell a workflow that needs something request-scoped to move it into a step', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Tenant {}
    @Workflow()
    class NeedsTenant extends Base {
      @Inject(REQUEST) request!: unknown;
      constructor(readonly tenant: Tenant) {
        super();
      }
    }
    expect(await faultsAtBoot({ providers: [Tenant, NeedsTenant] })).toEqual([
      'NeedsTenant (in RootTestModule) is a workflow that needs Tenant, REQUEST, which exists only within a request: inject it into a step instead.',
    ]);
  });

  it('tell method workflows of scoped providers, and transient steps', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Services {
      @Workflow() async fulfil(): Promise<void> {}
    }
    @Injectable({ scope: Scope.TRANSIENT })
    class Steps {
      @Step() async charge(): Promise<void> {}
    }
    expect(await faultsAtBoot({ providers: [Services, Steps] })).toEqual([
      'Steps (in RootTestModule) has steps and is transient, so there is no one object to run them on: make it a provider of the default or the request scope.',
      'fulfil of Services (in RootTestModule) is a workflow, and its provider is request-scoped: make it a provider of the default scope.',
    ]);
  });

  it('tell bad step options apart', async () => {
    @Injectable()
    class Steps {
      @Step({ maxRetries: -1 }) async a(): Promise<void> {}
      @Step({ timeout: '0s', name: ' ' }) async b(): Promise<void> {}
      @Step({ backoff: 'quickly' }) async c(): Promise<void> {}
      @Step({ backoff: '1s', retryDelay: '1s' }) async d(): Promise<void> {}
      @Step({ ...({ retries: 3 } as object) }) async e(): Promise<void> {}
      @Step({ onExhausted: 'wait' as 'fail' }) async f(): Promise<void> {}
      @Step({ args: ['Order'] as never }) async g(): Promise<void> {}
    }
    expect(await faultsAtBoot({ providers: [Steps] })).toEqual([
      '@Step a of Steps (in RootTestModule): maxRetries must be a whole number from 0, or Infinity; it is -1.',
      '@Step b of Steps (in RootTestModule): timeout must be a duration of 1 ms or more; it is "0s".',
      expect.stringMatching(/^@Step b of Steps \(in RootTestModule\): name must be a text of 1 to 200 printable/),
      expect.stringMatching(/^@Step c of Steps \(in RootTestModule\): "quickly" is not a backoff\./),
      '@Step d of Steps (in RootTestModule): backoff and retryDelay are two names of one option: give one of them.',
      expect.stringMatching(/^@Step e of Steps \(in RootTestModule\): there is no option "retries"\. /),
      `@Step f of Steps (in RootTestModule): onExhausted must be 'fail' or 'pause'; it is "wait".`,
      expect.stringMatching(/^@Step g of Steps \(in RootTestModule\): args must be a list with one class per argument/),
    ]);
  });

  it('tell a static method, and a method that is both a step and a workflow', async () => {
    class Steps {
      static async fixed(): Promise<void> {}
      @Step() @Workflow() async both(): Promise<void> {}
    }
    untyped(Step())(Steps, 'fixed');
    expect(await faultsAtBoot({ providers: [Steps] })).toEqual([
      'fixed of Steps (in RootTestModule) is static: make it a method of the instance.',
      'both of Steps (in RootTestModule) is both a step and a workflow: keep one of the decorators.',
    ]);
  });

  it('tell a class, a getter and a value that are decorated as methods, and ask no getter', async () => {
    let asked = 0;
    class Steps {
      value = 5;
      arrow = async (): Promise<void> => {};
      get charge(): () => Promise<void> {
        asked += 1;
        return async () => {};
      }
      get order(): () => Promise<void> {
        asked += 1;
        return async () => {};
      }
    }
    expect(untyped(Step)(Steps)).toBeUndefined();
    for (const name of ['value', 'arrow', 'charge']) untyped(Step())(Steps.prototype, name);
    untyped(Workflow())(Steps.prototype, 'order');
    expect(await faultsAtBoot({ providers: [Steps] })).toEqual([
      'Steps (in RootTestModule) is decorated with @Step, which is for methods: decorate one of them, or let the class extend Step.',
      'value of Steps (in RootTestModule) is decorated with @Step and is no method: write it as one.',
      'charge of Steps (in RootTestModule) is decorated with @Step and is no method: write it as one.',
      'order of Steps (in RootTestModule) is decorated with @Workflow and is no method: write it as one.',
    ]);
    expect(asked).toBe(0);
  });

  it('tell a workflow whose run method is decorated as well', async () => {
    @Workflow({ name: 'a' })
    class A {
      @Workflow() async run(): Promise<void> {}
    }
    @Workflow({ name: 'b' })
    class B {
      @Step() async run(): Promise<void> {}
    }
    const words = 'is a workflow and its run method is decorated as well: keep the decorator of the class.';
    expect(await faultsAtBoot({ providers: [A, B] })).toEqual([
      `A (in RootTestModule) ${words}`,
      `B (in RootTestModule) ${words}`,
    ]);
  });

  it('tell a subclass of a workflow that has no name of its own', async () => {
    @Workflow({ name: 'order' })
    class Order extends Base {}
    class SpecialOrder extends Order {}
    expect(await faultsAtBoot({ providers: [Order, SpecialOrder] })).toEqual([
      'SpecialOrder (in RootTestModule) extends a workflow and is not decorated: give it a @Workflow() with a name of its own.',
    ]);
  });

  it('tell two steps of one name, two instances of one class, and one class in two modules', async () => {
    class Steps {
      @Step({ name: 'charge' }) async charge(): Promise<void> {}
    }
    class MoreSteps extends Steps {}
    class Mailer {
      @Step() async send(): Promise<void> {}
    }
    @Module({ providers: [Mailer] })
    class MailModule {}
    @Module({ providers: [Mailer] })
    class NewsModule {}
    const providers = [
      Steps,
      MoreSteps,
      { provide: 'primary', useFactory: () => new Mailer() },
      { provide: 'backup', useValue: new Mailer() },
    ];
    expect(await faultsAtBoot({ providers, imports: [MailModule, NewsModule] })).toEqual([
      'Steps named "charge" are provided 2 times, by charge of Steps (in RootTestModule) and by charge of MoreSteps (in RootTestModule). Give each a name of its own: @Step({ name }).',
      'Steps named "Mailer.send" are provided 4 times, by send of Mailer as "primary" (in RootTestModule) and by send of Mailer as "backup" (in RootTestModule) and by send of Mailer (in MailModule) and by send of Mailer (in NewsModule). Provide the class once, and export it from its module to the others.',
    ]);
  });

  it('tell a step on an object that cannot be changed', async () => {
    class Steps {
      @Step() async charge(): Promise<void> {}
    }
    expect(await faultsAtBoot({ providers: [{ provide: Steps, useValue: Object.freeze(new Steps()) }] })).toEqual([
      'charge of Steps (in RootTestModule) is a step whose object is frozen or guards its methods: provide one whose methods can be replaced.',
    ]);
  });

  it('tell a class without a decorator that takes arguments', async () => {
    const Order = class OrderWorkflow extends Workflow {
      constructor(readonly payments: object) {
        super();
      }
      async run(): Promise<void> {}
    };
    expect(await faultsAtBoot({ providers: [Order] })).toEqual([
      'OrderWorkflow (in RootTestModule) takes constructor arguments and has no decorator, so Nest does not know what to inject: add @Injectable().',
    ]);
  });

  it('tell a second forRoot', async () => {
    @Module({ imports: [PyWorkflowModule.forRoot({ storage: { type: 'memory' } })] })
    class First {}
    @Module({ imports: [PyWorkflowModule.forRoot({ storage: { type: 'memory' }, stepConcurrency: 2 })] })
    class Second {}
    await expect(faultsAtBoot({ imports: [First, Second] })).resolves.toEqual([
      'PyWorkflowModule.forRoot() is imported 2 times, each with its own options: import it once, it is global.',
    ]);
  });

  it('do not come from fields that only look like options', async () => {
    @Workflow({ name: 'order' })
    class Order extends Base {
      static readonly options = { anything: 'else' };
    }
    expect(await faultsAtBoot({ providers: [Order] })).toEqual([]);
  });

  it('are none for an application without workflows', async () => {
    const module = await boot({});
    await expect(module.client.start('order', [])).rejects.toThrow(
      'There is no workflow "order" in this application. Add its class to the providers of a module.',
    );
  });
});

describe('a constructor that is inherited', () => {
  class Clock {}
  @Injectable()
  class Described {
    constructor(readonly clock: Clock) {}
    async run(): Promise<void> {}
  }
  class Bare {
    constructor(readonly clock: Clock) {}
    async run(): Promise<void> {}
  }
  class Between extends Bare {}
  class WithItsOwn extends Bare {
    constructor() {
      super(new Clock());
    }
  }

  it('is a fault if nothing says what it takes', async () => {
    @Workflow({ name: 'inherits' })
    class Inherits extends Between {}
    @Injectable()
    class Steps extends Bare {
      @Step() async charge(): Promise<void> {}
    }
    expect(await faultsAtBoot({ providers: [Inherits, Steps, Clock] })).toEqual(
      ['Steps', 'Inherits'].map(
        (name) =>
          `${name} (in RootTestModule) inherits the constructor of Bare, which is not decorated: what it takes is not known, and all of it would be undefined. Put @Injectable() on Bare.`,
      ),
    );
  });

  it('is none if it is described, replaced, or takes nothing', async () => {
    @Workflow({ name: 'described' })
    class A extends Described {}
    @Workflow({ name: 'replaced' })
    class B extends WithItsOwn {}
    @Workflow({ name: 'nothing' })
    class C extends Base {}
    expect(await faultsAtBoot({ providers: [A, B, C, Clock] })).toEqual([]);
  });
});
