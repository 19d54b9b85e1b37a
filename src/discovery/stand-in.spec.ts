import { inspect } from 'node:util';
import { Injectable, Scope } from '@nestjs/common';
import { InvalidInputError } from '../../libs/core/index.js';
import { Step } from '../decorators/step.decorator.js';
import { Workflow } from '../decorators/workflow.decorator.js';
import { boot } from './boot.spec-helpers.js';

@Injectable({ scope: Scope.REQUEST })
class Payments {
  currency = 'EUR';
  @Step() async charge(amount: number): Promise<string> {
    return this.format(amount);
  }
  format(amount: number): string {
    return `${amount} ${this.currency}`;
  }
  get isLive(): boolean {
    return this.currency === 'EUR';
  }
}

let body: (payments: Payments) => unknown;

@Workflow({ name: 'order' })
class Order {
  constructor(private readonly payments: Payments) {}
  async run(): Promise<unknown> {
    return body(this.payments);
  }
}

async function run(given: typeof body): Promise<unknown> {
  body = given;
  const module = await boot({ providers: [Order, Payments] });
  return (await module.client.start(Order, [])).result();
}

describe('a request-scoped provider in a workflow', () => {
  it('has its steps', async () => {
    expect(await run((payments) => payments.charge(5))).toBe('5 EUR');
    const destructured: typeof body = ({ charge }) => charge(6);
    expect(await run(destructured)).toBe('6 EUR');
  });

  it.each<[string, string, typeof body]>([
    ['a method that is no step', 'format', (payments) => payments.format(5)],
    ['a field', 'currency', (payments) => payments.currency.toLowerCase()],
    ['an accessor', 'isLive', (payments) => payments.isLive],
    ['a method that does not exist', 'refund', (payments) => (payments as unknown as { refund(): void }).refund()],
    ['a field to write', 'currency', (payments) => (payments.currency = 'USD')],
    ['a field to define', 'currency', (payments) => Object.defineProperty(payments, 'currency', { value: 'USD' })],
  ])('refuses %s, and says what to do', async (_, name, given) => {
    const error = (await run(given).catch((thrown: Error) => thrown.cause)) as Error;
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error.message).toBe(
      `Payments is request-scoped, so workflows have no instance of it and cannot use its "${name}", only call its steps. ` +
        `Make "${name}" a step, or move it to a function or to a provider of the default scope.`,
    );
  });

  it('can be looked at, returned from a promise and compared', async () => {
    const seen = run(async (given) => {
      const payments = await Promise.resolve(given);
      return [
        payments === given,
        payments instanceof Payments,
        payments.constructor === Payments,
        inspect(payments).startsWith('Payments'),
        String(payments),
        JSON.stringify({ payments }),
        typeof payments.toString(),
        'charge' in payments,
        Object.keys(payments),
      ];
    });
    expect(await seen).toEqual([true, true, true, true, '[object Object]', '{"payments":{}}', 'string', true, []]);
  });

  it('can be shown by test libraries', async () => {
    expect(
      await run((payments) => {
        expect(payments).toBeInstanceOf(Payments);
        expect(payments).toEqual(payments);
        expect(() => expect(payments).toBe(1)).toThrow('Received:');
        return 'shown';
      }),
    ).toBe('shown');
  });
});
