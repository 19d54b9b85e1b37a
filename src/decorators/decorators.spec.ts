import { Injectable } from '@nestjs/common';
import { classMark, inheritsClassMark, markedMethods, methodMark } from './metadata.js';
import { extendsStep, Step } from './step.decorator.js';
import { extendsWorkflow, Workflow } from './workflow.decorator.js';

@Workflow
class Bare {
  async run(amount: number): Promise<number> {
    return amount;
  }
}

@Workflow({ name: 'order', version: 2 })
class Order {
  async run(): Promise<void> {}
  @Step async plain(): Promise<void> {}
  @Step({ maxRetries: 1 }) async retried(): Promise<void> {}
  @Workflow async small(): Promise<void> {}
  @Workflow({ name: 'big' }) async big(): Promise<void> {}
  async neither(): Promise<void> {}
}

@Injectable()
class Extended extends Workflow {
  static override readonly options = { name: 'extended' };
  async run(): Promise<void> {}
}

@Injectable()
class Charge extends Step {
  static override readonly options = { maxRetries: 1 };
  async execute(amount: number): Promise<number> {
    return amount;
  }
}

describe('the decorators', () => {
  it('work with and without parentheses and options', () => {
    expect(classMark(Bare)).toEqual({});
    expect(classMark(Order)).toEqual({ name: 'order', version: 2 });
    expect(markedMethods(Order.prototype)).toEqual(['plain', 'retried', 'small', 'big']);
    expect(methodMark('step', Order.prototype, 'plain')).toEqual({});
    expect(methodMark('step', Order.prototype, 'retried')).toEqual({ maxRetries: 1 });
    expect(methodMark('workflow', Order.prototype, 'small')).toEqual({});
    expect(methodMark('workflow', Order.prototype, 'big')).toEqual({ name: 'big' });
    expect(methodMark('step', Order.prototype, 'neither')).toBeUndefined();
  });

  it('leave the class and its methods as they are', async () => {
    expect(await new Bare().run(3)).toBe(3);
    expect(new Extended()).toBeInstanceOf(Workflow);
    expect(await new Charge().execute(3)).toBe(3);
    expect(Workflow.name).toBe('Workflow');
    expect(Step.name).toBe('Step');
  });

  it('are not inherited by classes, but by methods', () => {
    class SpecialOrder extends Order {
      override async plain(): Promise<void> {}
      @Step({ maxRetries: 9 }) override async retried(): Promise<void> {}
    }
    expect(classMark(SpecialOrder)).toBeUndefined();
    expect(inheritsClassMark(SpecialOrder)).toBe(true);
    expect(inheritsClassMark(Order)).toBe(false);
    expect(methodMark('step', SpecialOrder.prototype, 'plain')).toEqual({});
    expect(methodMark('step', SpecialOrder.prototype, 'retried')).toEqual({ maxRetries: 9 });
    expect(methodMark('step', Order.prototype, 'retried')).toEqual({ maxRetries: 1 });
    expect(new Set(markedMethods(SpecialOrder.prototype))).toEqual(new Set(['plain', 'retried', 'small', 'big']));
  });

  it('are base classes as well', () => {
    expect([Extended, Charge, Order].map((it) => [extendsWorkflow(it), extendsStep(it)])).toEqual([
      [true, false],
      [false, true],
      [false, false],
    ]);
  });
});

/** Only compiled: the type checker is the test. */
export function misuse(): void {
  // @ts-expect-error a class that extends Workflow has a run method
  class NoRun extends Workflow {}
  // @ts-expect-error a class that extends Step has an execute method
  class NoExecute extends Step {}
  // @ts-expect-error there is no such option
  class Misspelt extends Step {
    static override readonly options = { maxRetrys: 1 };
    async execute(): Promise<void> {}
  }
  // @ts-expect-error a decorated class has a run method
  @Workflow
  class BareNoRun {}
  // @ts-expect-error a decorated class has a run method
  @Workflow({ name: 'x' })
  class DecoratedNoRun {}
  // @ts-expect-error run is asynchronous
  @Workflow()
  class Synchronous {
    run(): number {
      return 1;
    }
  }
  // @ts-expect-error steps are methods, or extend Step
  @Step()
  class StepClass {
    async execute(): Promise<void> {}
  }
  class Methods {
    // @ts-expect-error a step is asynchronous
    @Step() synchronous(): number {
      return 1;
    }
    // @ts-expect-error a step is asynchronous
    @Step bare(): number {
      return 1;
    }
    // @ts-expect-error there is no such option
    @Step({ retries: 1 }) async misspelt(): Promise<void> {}
    // @ts-expect-error there is no such option
    @Workflow({ nam: 'x' }) async workflow(): Promise<void> {}
    // @ts-expect-error no duration
    @Step({ timeout: new Date() }) async wrong(): Promise<void> {}
    // @ts-expect-error a step is a method
    @Step() property = 1;
    // @ts-expect-error a step belongs to an instance
    @Step() static async fixed(): Promise<void> {}
    // @ts-expect-error a workflow belongs to an instance
    @Workflow() static async fixedWorkflow(): Promise<void> {}
  }
  // @ts-expect-error it is abstract
  void new Workflow();
  void [NoRun, NoExecute, Misspelt, BareNoRun, DecoratedNoRun, Synchronous, StepClass, Methods];
}
