import { RetryableError, WorkflowTimeoutError } from '../core/index.js';
import { createCodec, DeserializationError, registerSerializable, Serializable, SerializationError } from './index.js';
import { cpuMs } from './cpu-time.spec-helpers.js';

const codec = createCodec();
const roundTrip = <T>(value: T): T => codec.decode(codec.encode(value)) as T;

@Serializable('Money')
class Money {
  static made = 0;
  note?: string = undefined;
  constructor(
    readonly amount: bigint,
    readonly currency: string,
  ) {
    Money.made += 1;
  }

  get label(): string {
    return `${this.amount} ${this.currency}`;
  }

  set total(_: number) {
    throw new Error('a setter ran');
  }
}

@Serializable<Iban>({
  name: 'Iban',
  serialize: (iban) => ({ text: iban.toString(), checkedAt: new Date(0) }),
  deserialize: (data) => Iban.of((data as { text: string }).text),
})
class Iban {
  readonly #text: string;
  private constructor(text: string) {
    this.#text = text;
  }

  static of(text: string): Iban {
    return new Iban(text);
  }

  toString(): string {
    return this.#text;
  }
}

@Serializable<Size>({ name: 'Size', serialize: (size) => size.name, deserialize: (name) => Size.named(name as string) })
class Size {
  static readonly Small = new Size('small');
  static readonly Large = new Size('large');
  private constructor(readonly name: string) {}

  static named(name: string): Size {
    const size = [Size.Small, Size.Large].find((each) => each.name === name);
    if (!size) throw new Error(`There is no size ${name}.`);
    return size;
  }
}

@Serializable()
class Order {
  lines: Line[] = [];
  price = new Money(5n, 'EUR');
}

@Serializable()
class Line {
  constructor(readonly order: Order) {}
}

describe('instances of registered classes', () => {
  test('come back as instances with their fields, without running the constructor', () => {
    const money = new Money(5n, 'EUR');
    const text = codec.encode(money);
    Money.made = 0;
    const decoded = codec.decode(text) as Money;
    expect(decoded).toStrictEqual(money);
    expect(decoded.label).toBe('5 EUR');
    expect(Money.made).toBe(0);
    expect(text).toBe(
      'dv1:[["Class",1],{"type":2,"data":3},"Money",{"amount":4,"currency":5,"note":-1},["BigInt","5"],"EUR"]',
    );
  });

  test('that know each other come back knowing each other', () => {
    const order = new Order();
    order.lines = [new Line(order), new Line(order)];
    const decoded = roundTrip({ line: order.lines[1], order });
    expect(decoded.order).toBeInstanceOf(Order);
    expect(decoded.line?.order).toBe(decoded.order);
    expect(decoded.order.lines[1]).toBe(decoded.line);
    expect(decoded.order).toStrictEqual(order);
  });

  test('with private state come back through their own serialize and deserialize', () => {
    const iban = Iban.of('DE02');
    const decoded = roundTrip({ from: iban, to: iban });
    expect(decoded.from).toBeInstanceOf(Iban);
    expect(decoded.from.toString()).toBe('DE02');
    expect(decoded.to).toBe(decoded.from);
  });

  test('come back as the very members of an enum of objects', () => {
    const decoded = roundTrip({
      sizes: [Size.Small, Size.Large, Size.Small],
      byColour: new Map([[Size.Large, 'red']]),
    });
    expect(decoded.sizes.map((size) => size === Size.Small)).toEqual([true, false, true]);
    expect(decoded.byColour.get(Size.Large)).toBe('red');
    expect(() => codec.decode('dv1:[["Class",1],{"type":2,"data":3},"Size","huge"]')).toThrow('There is no size huge');
  });

  test('are complete when the deserialize of what holds them sees them', () => {
    class Basket {
      readonly #money: Money;
      constructor(money: Money) {
        this.#money = money;
      }
      static readonly stored = {
        type: Basket,
        serialize: (basket: Basket) => [basket.#money],
        deserialize: (data: unknown) => new Basket((data as [Money])[0]),
      };
      label(): string {
        return this.#money.label;
      }
    }
    const own = createCodec({ types: [Basket.stored] });
    const decoded = own.decode(own.encode(new Basket(new Money(5n, 'EUR')))) as Basket;
    expect(decoded.label()).toBe('5 EUR');
  });

  test('cannot be part of the data that their own serialize gives', () => {
    class Tree {
      root: Tree = this;
    }
    const types = [{ type: Tree, serialize: (tree: Tree) => ({ root: tree.root }), deserialize: () => new Tree() }];
    expect(() => createCodec({ types }).encode([new Tree()])).toThrow(
      'value[0].root: an object whose class has serialize',
    );
  });

  test('that cannot be stored are refused by path', () => {
    expect(() => codec.encode({ money: Object.assign(new Money(1n, 'EUR'), { onPaid: () => 1 }) }, 'args')).toThrow(
      'args.money.onPaid: a function cannot be stored',
    );
  });

  test('of an unregistered subclass are refused, since they would come back as the parent', () => {
    class Discount extends Money {}
    expect(() => codec.encode(new Discount(1n, 'EUR'))).toThrow('Discount extends the registered class Money');
  });

  test('cannot be read where their class is not registered', () => {
    class Note {}
    const text = createCodec({ types: [{ type: Note }] }).encode(new Note());
    expect(() => codec.decode(text)).toThrow(DeserializationError);
    expect(() => codec.decode(text)).toThrow('no class is registered as "Note" here; import the file that declares it');
  });
});

describe('a decimal library', () => {
  // Shaped like decimal.js: digits as fields, toStringTag, toJSON.
  class Decimal {
    get [Symbol.toStringTag](): string {
      return 'Decimal';
    }
    constructor(readonly digits: string) {}
    toJSON(): string {
      return this.digits;
    }
    toString(): string {
      return this.digits;
    }
  }
  const definition = {
    type: Decimal,
    name: 'Decimal',
    serialize: (value: Decimal) => value.toString(),
    deserialize: (text: unknown) => new Decimal(text as string),
  };

  test('is refused until its class is registered, and then comes back', () => {
    expect(() => codec.encode({ price: new Decimal('1.10') })).toThrow('value.price: Decimal has a toJSON method');
    registerSerializable<Decimal>(definition);
    expect(codec.encode(new Decimal('1.10'))).toBe('dv1:[["Class",1],{"type":2,"data":3},"Decimal","1.10"]');
    expect(roundTrip(new Decimal('1.10'))).toStrictEqual(new Decimal('1.10'));
  });
});

describe('registering', () => {
  test.each([
    ['a second class under a taken name', { type: class Other {}, name: 'Money' }, 'Money: two classes'],
    ['a class without a name', { type: class {}, name: '' }, '(unnamed class): a class without a name'],
    ['the name of a built-in error', { type: class TypeError {} }, 'TypeError: this name belongs to a built-in error'],
    ['half a pair of functions', { type: class Half {}, serialize: () => 1 }, 'Half: give both'],
    ['a Map without functions', { type: class Tags extends Map {} }, 'Tags: a class that extends Map needs serialize'],
  ])('%s is refused', (_, definition, message) => {
    expect(() => registerSerializable(definition)).toThrow(SerializationError);
    expect(() => registerSerializable(definition)).toThrow(message);
  });

  test('a class under two names stores the later and reads both', () => {
    class Renamed {
      a = 1;
    }
    const before = createCodec({ types: [{ type: Renamed, name: 'OldName' }] });
    const after = createCodec({ types: [{ type: Renamed, name: 'OldName' }, { type: Renamed }] });
    expect(after.decode(before.encode(new Renamed()))).toStrictEqual(new Renamed());
    expect(after.encode(new Renamed())).toContain('"Renamed"');
  });
});

@Serializable()
class OutOfStockError extends Error {
  readonly code = 'OUT_OF_STOCK';
  constructor(readonly sku: string) {
    super(`${sku} is out of stock`);
  }
}

class PaymentError extends TypeError {
  constructor(
    message: string,
    readonly declinedBy: { bank: string },
  ) {
    super(message);
  }
}

describe('errors', () => {
  test.each([
    ['Error', new Error('a', { cause: { code: 7 } })],
    ['TypeError', new TypeError('b', { cause: new RangeError('c', { cause: undefined }) })],
    ['AggregateError', new AggregateError([new SyntaxError('d'), 'e'], 'f')],
    ['DOMException', new DOMException('g', 'AbortError')],
    ['a registered class', new OutOfStockError('s-1')],
    ['an error of this library', new RetryableError('h', { retryAfter: '5s' })],
    ['another error of this library', new WorkflowTimeoutError('i')],
    [
      'an error with fields and a name',
      Object.assign(new Error('j'), { name: 'AxiosError', status: 503, at: new Date(1) }),
    ],
  ])('%s comes back with its class, name, message, stack, cause and fields', (_, error: Error) => {
    const decoded = roundTrip(error);
    expect(Object.getPrototypeOf(decoded)).toBe(Object.getPrototypeOf(error));
    expect(decoded).toStrictEqual(error);
    for (const part of ['name', 'message', 'stack', 'cause', 'errors']) {
      expect(Reflect.get(decoded, part)).toStrictEqual(Reflect.get(error, part));
      expect(part in decoded).toBe(part in error);
    }
    expect(decoded.toString()).toBe(error.toString());
  });

  test('of an unregistered class come back as the nearest built-in, under the name of the class', () => {
    const decoded = roundTrip(new PaymentError('declined', { bank: 'B' }));
    expect(Object.getPrototypeOf(decoded)).toBe(TypeError.prototype);
    expect(decoded).toMatchObject({ name: 'PaymentError', message: 'declined', declinedBy: { bank: 'B' } });
    expect(Object.keys(decoded)).toEqual(['declinedBy']);
  });

  test('can be their own cause', () => {
    const error = new OutOfStockError('s-1');
    error.cause = new AggregateError([error, { error }], 'both');
    const decoded = roundTrip(error);
    const { errors } = decoded.cause as AggregateError;
    expect(errors[0]).toBe(decoded);
    expect(errors[1]).toEqual({ error: decoded });
    expect(decoded).toMatchObject({ sku: 's-1', code: 'OUT_OF_STOCK' });
  });

  test('leave out the fields that cannot be stored, and keep what those share with the rest', () => {
    const request = { url: '/pay', retries: new Map([['first', { after: 1 }]]) };
    const socket = { request, onData: (): void => undefined };
    const error = Object.assign(new Error('reset', { cause: socket }), { socket, request, code: 'ECONNRESET' });
    const decoded = roundTrip({ error, request });
    expect({ ...decoded.error }).toStrictEqual({ request, code: 'ECONNRESET' });
    expect(decoded.error.request).toBe(decoded.request);
    expect('cause' in decoded.error).toBe(false);
  });

  test('that misbehave when read are stored all the same', () => {
    const error = new Error('x');
    Object.defineProperty(error, 'stack', { get: () => { throw new Error('no stack'); } }); // prettier-ignore
    Object.defineProperty(error, 'name', { value: 5 });
    Object.defineProperty(error, 'details', { enumerable: true, get: () => { throw new Error('no details'); } }); // prettier-ignore
    expect(roundTrip(error)).toMatchObject({ name: '5', message: 'x', stack: '5: x' });
  });

  test('are stored in essence when they are too large, or when storing them fails', () => {
    const small = createCodec({ maxBytes: 1000 });
    const error = new OutOfStockError('"'.repeat(5000));
    const text = small.encode(error);
    expect(text.length).toBeLessThan(1000);
    expect(small.decode(text)).toBeInstanceOf(OutOfStockError);
    expect(error.message.startsWith((small.decode(text) as Error).message)).toBe(true);

    class OddError extends Error {}
    const types = [{ type: OddError, serialize: () => { throw new Error('no'); }, deserialize: () => new OddError() }]; // prettier-ignore
    expect(createCodec({ types }).encode(new OddError('a'))).toContain('"OddError","Error","a"');
    expect(() => createCodec({ types }).encode([new OddError('a')])).toThrow('value[0]: reading it failed: no');
  });

  test('within errors, with fields that cannot be stored, take little time', () => {
    let error = new Error('innermost');
    for (let level = 0; level < 40; level++) {
      const of = (name: string): object => ({ name, error, onData: (): void => undefined });
      error = Object.assign(new Error('outer'), { request: of('request'), response: of('response'), level });
    }
    const before = cpuMs();
    expect(roundTrip(error)).toMatchObject({ message: 'outer', level: 39 });
    expect(cpuMs() - before).toBeLessThan(1000);
  });

  test('keep whole lines of a long stack', () => {
    const error = new Error('x');
    error.stack = Array.from({ length: 500 }, (_, line) => `at line ${line}`).join('\n');
    const { stack = '' } = roundTrip(error);
    expect(stack.length).toBeLessThanOrEqual(4096);
    expect(stack).toMatch(/^at line 0\n[^]*at line \d+$/);
    error.stack = 'x'.repeat(5000);
    expect(roundTrip(error).stack).toHaveLength(4096);
  });
});
