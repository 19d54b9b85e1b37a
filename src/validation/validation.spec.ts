import { Injectable } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsEmail, IsInt, IsString, Min, registerDecorator, ValidateNested } from 'class-validator';
import { getStepContext, setStepContext, sleep } from '../../libs/runtime/index.js';
import { Step } from '../decorators/step.decorator.js';
import { Workflow } from '../decorators/workflow.decorator.js';
import { boot, faultsAtBoot } from '../discovery/boot.spec-helpers.js';
import { ValidationFailedError } from './validation-failed.error.js';

class LineDto {
  @IsInt() @Min(1) quantity!: number;
}

class OrderDto {
  @IsEmail() email!: string;
  @ValidateNested({ each: true }) @Type(() => LineDto) lines!: LineDto[];

  get total(): number {
    return this.lines.reduce((sum, { quantity }) => sum + quantity, 0);
  }
}

class Undecorated {
  text = '';
}

@Injectable()
class Steps {
  runs = 0;

  @Step({ maxRetries: 5 }) async inferred(order: OrderDto, note?: string): Promise<string> {
    this.runs += 1;
    return `${order.constructor.name} ${order.total} ${note}`;
  }

  @Step() async optional(order?: OrderDto): Promise<string> {
    return typeof order;
  }

  @Step({ args: [undefined, [LineDto]] }) async listed(_id: string, lines: readonly LineDto[]): Promise<string> {
    return lines.map((line) => `${line.constructor.name} ${line.quantity}`).join();
  }

  @Step() async untouched(value: Undecorated | null, date: Date, list: OrderDto[]): Promise<string> {
    return `${value?.text} ${date instanceof Date} ${list.length}`;
  }
}

@Workflow({ name: 'order', input: OrderDto })
class OrderWorkflow {
  async run(order: OrderDto): Promise<string> {
    await sleep('1s');
    return `${order.constructor.name} ${order.total}`;
  }
}

class TenantDto {
  @IsString() tenant!: string;
}

@Workflow({ name: 'tenant', stepContext: TenantDto })
class TenantWorkflow {
  async run(tenant: unknown): Promise<unknown> {
    try {
      setStepContext({ tenant });
    } catch (error) {
      return (error as Error).message;
    }
    return getStepContext();
  }
}

@Workflow({ name: 'caller' })
class Caller {
  constructor(private readonly steps: Steps) {}
  async run(method: Exclude<keyof Steps, 'runs'>, args: unknown[]): Promise<unknown> {
    try {
      return await (this.steps[method] as (...args: unknown[]) => Promise<unknown>)(...args);
    } catch (error) {
      await sleep('1s'); // so that the refusal is replayed as well
      return error;
    }
  }
}

const good = { email: 'ada@example.org', lines: [{ quantity: 1 }, { quantity: 2 }] };
const bad = { email: 'ada', lines: [{ quantity: 1 }, { quantity: 0 }] };
const badIssues = [
  'args[0].email: email must be an email',
  'args[0].lines.1.quantity: quantity must not be less than 1',
];

const setUp = () => boot({ providers: [Steps, OrderWorkflow, TenantWorkflow, Caller] });

it('validates what a workflow sets as the context of its steps', async () => {
  const { client } = await setUp();
  const outcome = async (tenant: unknown) => (await client.start(TenantWorkflow, [tenant])).result();
  expect(await outcome('a')).toEqual({ tenant: 'a' });
  expect(await outcome(1)).toBe(
    'The step context of workflow "tenant" is not valid: step context.tenant: tenant must be a string',
  );
});

describe('what a workflow is started with', () => {
  it('is validated before anything is stored', async () => {
    const { client } = await setUp();
    const refusal = await client
      .start(OrderWorkflow, [bad as OrderDto], { runId: 'r' })
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ValidationFailedError);
    expect(refusal).toMatchObject({ code: 'VALIDATION', issues: badIssues });
    expect((refusal as Error).message).toBe(`The arguments of workflow "order" are not valid: ${badIssues.join('; ')}`);
    expect((await client.listRuns()).runs).toEqual([]);
    await expect(client.start('order', [bad])).rejects.toThrow(ValidationFailedError);
  });

  it.each([
    [[], 'args[0] must be an OrderDto; it is undefined'],
    [[null], 'args[0] must be an OrderDto; it is null'],
    [['text'], 'args[0] must be an OrderDto; it is "text"'],
    [[[good]], 'args[0] must be an OrderDto; it is a list of 1'],
  ])('must be there and an object: %p', async (args, issue) => {
    const { client } = await setUp();
    await expect(client.start('order', args)).rejects.toMatchObject({ issues: [issue] });
  });

  it('reaches the workflow as an instance, be it given as one or as plain data', async () => {
    const { client } = await setUp();
    const instance = Object.assign(new OrderDto(), {
      ...good,
      lines: good.lines.map((it) => Object.assign(new LineDto(), it)),
    });
    for (const order of [good as OrderDto, instance]) {
      const run = await client.start(OrderWorkflow, [order]);
      expect(await run.result()).toBe('OrderDto 3');
    }
  });

  it('cannot pollute prototypes', async () => {
    const { client } = await setUp();
    const hostile = JSON.parse(`{"__proto__": {"polluted": true}, ${JSON.stringify(good).slice(1)}`) as OrderDto;
    await expect(client.start(OrderWorkflow, [hostile])).rejects.toThrow('a key named __proto__ cannot be stored');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('what a step is called with', () => {
  it('is validated at the call, which rejects with an error that can be caught and replayed', async () => {
    const module = await setUp();
    const run = await module.client.start(Caller, ['inferred', [bad]]);
    const error = await run.result();
    expect(error).toBeInstanceOf(ValidationFailedError);
    expect(error).toMatchObject({ issues: badIssues });
    expect(module.get(Steps).runs).toBe(0);
    expect((await run.events()).map(({ type }) => type)).not.toContain('step.scheduled');
  });

  it('reaches the step as instances', async () => {
    const { client } = await setUp();
    const call = async (method: Exclude<keyof Steps, 'runs'>, ...args: unknown[]) =>
      (await client.start(Caller, [method, args])).result();
    expect(await call('inferred', good, 'note')).toBe('OrderDto 3 note');
    expect(await call('listed', 'id', good.lines)).toBe('LineDto 1,LineDto 2');
    expect(await call('listed', 'id', [{ quantity: -1 }])).toMatchObject({
      issues: ['args[1][0].quantity: quantity must not be less than 1'],
    });
    expect(await call('listed', 'id', 'lines')).toMatchObject({
      issues: ['args[1] must be a list of LineDto; it is "lines"'],
    });
  });

  it('may leave out what TypeScript does not tell to be optional, and is else left alone', async () => {
    const { client } = await setUp();
    expect(await (await client.start(Caller, ['optional', []])).result()).toBe('undefined');
    expect(await (await client.start(Caller, ['untouched', [null, new Date(), [bad]]])).result()).toBe(
      'undefined true 1',
    );
  });

  it('is validated again where the step runs, with asynchronous validators, and fails without another attempt', async () => {
    let checks = 0;
    const IsFree = () => (target: object, propertyName: string) =>
      registerDecorator({
        target: target.constructor,
        propertyName,
        async: true,
        options: { message: 'the name is taken' },
        validator: {
          validate: async () => {
            checks += 1;
            return false;
          },
        },
      });
    class NameDto {
      @IsString() @IsFree() name!: string;
    }
    @Injectable()
    class NameSteps {
      @Step({ maxRetries: 5 }) async claim(_name: NameDto): Promise<void> {}
    }
    @Workflow()
    class Claim {
      constructor(private readonly steps: NameSteps) {}
      async run(): Promise<void> {
        await this.steps.claim({ name: 'ada' });
      }
    }
    const { client } = await boot({ providers: [NameSteps, Claim] });
    const run = await client.start(Claim, []);
    await expect(run.result()).rejects.toMatchObject({
      cause: { code: 'VALIDATION', issues: ['args[0].name: the name is taken'] },
    });
    expect(checks).toBe(1);
    expect((await run.events()).map(({ type }) => type)).toEqual([
      'workflow.started',
      'step.scheduled',
      'step.failed',
      'workflow.failed',
    ]);
  });
});

it('is refused at boot when the named class has no decorators', async () => {
  @Workflow({ name: 'bare', input: Undecorated })
  class Bare {
    async run(_value: Undecorated): Promise<void> {}
  }
  expect(await faultsAtBoot({ providers: [Bare] })).toEqual([
    'workflow "bare" names Undecorated for its arguments, which has no class-validator decorators: decorate its fields.',
  ]);
});
