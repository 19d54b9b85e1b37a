import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  ForbiddenException,
  Get,
  Inject,
  Injectable,
  type NestInterceptor,
  ParseIntPipe,
  type PipeTransform,
  Scope,
  SetMetadata,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  ValidationPipe,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, Reflector, REQUEST } from '@nestjs/core';
import { IsInt } from 'class-validator';
import { map } from 'rxjs';
import { findCurrentContext, type StepContext } from '../../libs/runtime/index.js';
import { Step } from '../decorators/step.decorator.js';
import { Workflow } from '../decorators/workflow.decorator.js';
import { boot } from './boot.spec-helpers.js';

const seen: string[] = [];
beforeEach(() => seen.splice(0));

@Injectable()
class AllowGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}
  canActivate(context: ExecutionContext): boolean {
    const rule = this.reflector.get<string>('rule', context.getHandler());
    seen.push(
      `guard ${context.getType()} ${context.getClass().name}.${context.getHandler().name} ${context.getArgs().join()}`,
    );
    return rule !== 'deny';
  }
}

@Injectable()
class ExclaimInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    seen.push(`before ${findCurrentContext()?.kind}`);
    return next.handle().pipe(map((value: string) => `${value}!`));
  }
}

class DoublePipe implements PipeTransform {
  transform(value: number): number {
    return value * 2;
  }
}

@Catch(RangeError)
class RangeFilter implements ExceptionFilter {
  catch(error: RangeError, _host: ArgumentsHost): string {
    return `filtered ${error.message}`;
  }
}

class AmountDto {
  @IsInt() amount!: number;
}

@Injectable()
class Payments {
  private readonly name = 'payments';

  @Step({ name: 'guarded' })
  @UseGuards(AllowGuard)
  @UseInterceptors(ExclaimInterceptor)
  async charge(amount: number): Promise<string> {
    return `${this.name} ${amount}`;
  }

  @UseGuards(AllowGuard)
  @SetMetadata('rule', 'deny')
  @Step({ maxRetries: 0 })
  async refund(): Promise<void> {}

  @Step() @UsePipes(DoublePipe) async double(n: number, m: number): Promise<number> {
    return n + m;
  }

  @Step({ maxRetries: 0 }) @UsePipes(new ValidationPipe({ transform: true })) async pay(
    dto: AmountDto,
  ): Promise<string> {
    return `${dto.constructor.name} ${dto.amount}`;
  }

  @Step({ maxRetries: 0 }) @UsePipes(ParseIntPipe) async parse(text: string): Promise<string> {
    return typeof text;
  }

  @Step() @UseFilters(RangeFilter) async range(): Promise<string> {
    throw new RangeError('too far');
  }

  @Step() async bare(): Promise<string> {
    return 'bare';
  }
}

@Workflow()
class Caller {
  constructor(private readonly payments: Payments) {}
  async run(method: Exclude<keyof Payments, 'name'>, ...args: unknown[]): Promise<unknown> {
    return (this.payments[method] as (...args: unknown[]) => Promise<unknown>)(...args);
  }
}

async function call(method: Parameters<Caller['run']>[0], ...args: unknown[]): Promise<unknown> {
  const module = await boot({ providers: [Payments, Caller, AllowGuard, ExclaimInterceptor] });
  const run = await module.client.start(Caller, [method, ...args]);
  return run.result();
}

describe('the enhancers of a step', () => {
  it('guard and intercept each attempt', async () => {
    expect(await call('charge', 5)).toBe('payments 5!');
    expect(seen).toEqual(['guard workflow-step Payments.charge 5', 'before step']);
  });

  it('refuse an attempt', async () => {
    await expect(call('refund')).rejects.toMatchObject({
      cause: { message: new ForbiddenException('Forbidden resource').message },
    });
  });

  it('transform and validate arguments', async () => {
    expect(await call('double', 1, 2)).toBe(6);
    expect(await call('parse', '12')).toBe('number');
    expect(await call('pay', { amount: 3 })).toBe('AmountDto 3');
    await expect(call('parse', 'twelve')).rejects.toMatchObject({
      cause: { message: 'Validation failed (numeric string is expected)', status: 400 },
    });
  });

  it('turn an error into a result', async () => {
    expect(await call('range')).toBe('filtered too far');
  });

  it('do not apply to a plain call', async () => {
    const module = await boot({ providers: [Payments, AllowGuard, ExclaimInterceptor] });
    expect(await module.get(Payments).charge(1)).toBe('payments 1');
    expect(seen).toEqual([]);
  });

  it('of a route or a listener are found on the step as on any method', async () => {
    @Controller('orders')
    class OrdersController {
      @Step() @Get('open') async open(): Promise<string> {
        return 'open';
      }
      @Get('closed') @Step() @UseGuards(AllowGuard) @SetMetadata('rule', 'deny') async closed(): Promise<string> {
        return 'never';
      }
    }
    const module = await boot({ controllers: [OrdersController], providers: [AllowGuard] });
    const app = module.module.createNestApplication();
    await app.listen(0);
    const url = await app.getUrl();
    expect(await (await fetch(`${url}/orders/open`)).text()).toBe('open');
    expect((await fetch(`${url}/orders/closed`)).status).toBe(403);
    expect(new Reflector().get('rule', module.get(OrdersController).closed)).toBe('deny');
    await app.close();
  });

  it('of the whole application apply only to steps that have such enhancers themselves', async () => {
    class GlobalGuard implements CanActivate {
      canActivate(context: ExecutionContext): boolean {
        seen.push(`global ${context.getHandler().name}`);
        return true;
      }
    }
    const providers = [
      Payments,
      Caller,
      AllowGuard,
      { provide: APP_GUARD, useClass: GlobalGuard },
      { provide: APP_INTERCEPTOR, useClass: ExclaimInterceptor },
    ];
    const module = await boot({ providers });
    expect(await (await module.client.start(Caller, ['bare'])).result()).toBe('bare');
    expect(await (await module.client.start(Caller, ['range'])).result()).toBe('filtered too far');
    expect(seen).toEqual([]);
    await (await module.client.start(Caller, ['charge', 1])).result();
    expect(seen).toContain('global charge');
  });

  it('of the whole application, of every kind, leave workflows and bare steps alone, and join those of steps', async () => {
    const trace = (text: string): void => void seen.push(text);
    class EveryGuard implements CanActivate {
      canActivate(): boolean {
        trace('guard');
        return false;
      }
    }
    class EveryPipe implements PipeTransform {
      transform(value: unknown): unknown {
        trace(`pipe ${String(value)}`);
        return value;
      }
    }
    @Catch()
    class EveryFilter implements ExceptionFilter {
      catch(error: Error): string {
        trace(`filter ${error.message}`);
        return 'filtered by the application';
      }
    }
    @Catch(RangeError)
    class OwnFilter implements ExceptionFilter {
      catch(): string {
        return 'filtered by the step';
      }
    }
    @Injectable()
    class Steps {
      @Step() async plain(value: number): Promise<number> {
        return value;
      }
      @Step({ maxRetries: 0 }) async fails(): Promise<string> {
        throw new Error('as it is');
      }
      @Step() @UsePipes(DoublePipe) async piped(value: number): Promise<number> {
        return value;
      }
      @Step() @UseFilters(OwnFilter) async filtered(): Promise<string> {
        throw new TypeError('not a range');
      }
      @Workflow({ name: 'method' }) async asMethod(value: number): Promise<number> {
        return this.plain(value);
      }
    }
    @Workflow({ name: 'all' })
    class All {
      constructor(private readonly steps: Steps) {}
      async run(value: number): Promise<unknown> {
        const { steps } = this;
        const failure = await steps.fails().catch((error: Error) => error.message);
        return [await steps.plain(value), failure, await steps.piped(value), await steps.filtered()];
      }
    }
    const module = await boot({
      providers: [
        Steps,
        All,
        { provide: APP_GUARD, useClass: EveryGuard },
        { provide: APP_PIPE, useClass: EveryPipe },
        { provide: APP_FILTER, useClass: EveryFilter },
        { provide: APP_INTERCEPTOR, useClass: ExclaimInterceptor },
      ],
    });
    expect(await (await module.client.start(All, [2])).result()).toEqual([
      2,
      'as it is',
      4,
      'filtered by the application',
    ]);
    expect(await (await module.client.start([Steps, 'asMethod'], [3])).result()).toBe(3);
    expect(seen).toEqual(['pipe 2', 'filter not a range']);
  });

  it('of a class apply to all its steps, also of a request-scoped one', async () => {
    @Injectable({ scope: Scope.REQUEST })
    @UseInterceptors(ExclaimInterceptor)
    class Scoped {
      constructor(@Inject(REQUEST) private readonly step: StepContext) {}
      @Step() async name(): Promise<string> {
        return this.step.stepName;
      }
    }
    @Workflow()
    class Order {
      constructor(private readonly scoped: Scoped) {}
      async run(): Promise<string> {
        return this.scoped.name();
      }
    }
    const module = await boot({ providers: [Scoped, Order, ExclaimInterceptor] });
    expect(await (await module.client.start(Order, [])).result()).toBe('Scoped.name!');
  });
});
