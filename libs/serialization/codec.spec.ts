import { runInNewContext } from 'node:vm';
import { createCodec, SerializationError } from './index.js';

const codec = createCodec();
const roundTrip = (value: unknown): unknown => codec.decode(codec.encode(value));

const refusalOf = (value: unknown, label?: string): SerializationError => {
  try {
    codec.encode(value, label);
  } catch (error) {
    if (error instanceof SerializationError) return error;
    throw error;
  }
  throw new Error('the value was stored');
};

const nest = (depth: number, innermost: unknown): unknown => {
  let value = innermost;
  for (let level = 0; level < depth; level++) value = { inner: value };
  return value;
};

class Line {
  note?: string;
  constructor(
    readonly sku: string,
    readonly quantity: number,
  ) {}
}

describe('plain data', () => {
  test.each([
    ['null', null],
    ['a boolean', true],
    ['a number', -12.5e30],
    ['text', 'plain "quoted" \n text'],
    ['text that begins like the prefix', 'dv1:-1'],
    ['an object', { orderId: 'o-1', paid: false, coupon: null }],
    ['nested objects and arrays', { lines: [{ sku: 'a', tags: [] }, {}], matrix: [[1], [2]] }],
    ['data that looks like a tag', { type: 'Class', data: {}, $type: 'Error', items: ['Map', 1, 2, 'dv1:'] }],
    [
      'keys that mean something elsewhere',
      { constructor: 1, prototype: 2, toString: 'x', hasOwnProperty: null, then: 1 },
    ],
    ['lone surrogates and NUL', { 'a\uD800\0b': 'c\uDC00\0d' }],
    ['many objects', Array.from({ length: 100 }, (_, id) => ({ id }))],
  ])('%s is stored as JSON', (_, value) => {
    const text = codec.encode(value);
    expect(text).toBe(JSON.stringify(value));
    expect(codec.decode(text)).toStrictEqual(value);
  });

  test('an instance of an unregistered class is stored as its fields, without undefined ones', () => {
    expect(codec.encode([new Line('a', 2)])).toBe('[{"sku":"a","quantity":2}]');
  });

  test('plain objects of another realm are stored as JSON', () => {
    expect(codec.encode(runInNewContext('({ a: [{ b: 1 }] })'))).toBe('{"a":[{"b":1}]}');
  });

  test('symbol keys are left out, and getters are read', () => {
    const value = { [Symbol('hidden')]: 1, price: 2, get total() { return this.price * 2; } }; // prettier-ignore
    expect(codec.encode(value)).toBe('{"price":2,"total":4}');
    expect(roundTrip({ value, big: 1n })).toStrictEqual({ value: { price: 2, total: 4 }, big: 1n });
  });
});

// Stored histories outlive releases: a text written by any version must be read by all later ones, whatever devalue
// does in between. Add lines here; never change one.
test.each([
  ['undefined', undefined, 'dv1:-1'],
  ['NaN', NaN, 'dv1:-3'],
  ['Infinity', [Infinity, -Infinity], 'dv1:[[-4,-5]]'],
  ['-0', -0, 'dv1:-6'],
  ['a bigint', -(2n ** 70n), 'dv1:[["BigInt","-1180591620717411303424"]]'],
  ['undefined fields', { a: undefined, b: [undefined] }, 'dv1:[{"a":-1,"b":1},[-1]]'],
  ['a hole', [, 1], 'dv1:[[-2,1],1]'], // oxlint-disable-line no-sparse-arrays
  ['many holes', Object.assign([], { 500: 'x' }), 'dv1:[[-7,501,500,1],"x"]'],
  ['a Map', new Map<unknown, unknown>([['a', 1], [{ b: 2 }, null]]), 'dv1:[["Map",1,2,3,5],"a",1,{"b":4},2,null]'], // prettier-ignore
  ['a Set', new Set([1, 'a']), 'dv1:[["Set",1,2],1,"a"]'],
  ['a Date', new Date(0), 'dv1:[["Date","1970-01-01T00:00:00.000Z"]]'],
  ['a RegExp', /a"b/gu, 'dv1:[["RegExp","a\\"b","gu"]]'],
  ['a URL', new URL('https://a.example/?b=c'), 'dv1:[["URL","https://a.example/?b=c"]]'],
  ['URLSearchParams', new URLSearchParams('a=1&a=2'), 'dv1:[["URLSearchParams","a=1&a=2"]]'],
  ['a Buffer', Buffer.from('hello'), 'dv1:[["Buffer",1],{"base64":2},"aGVsbG8="]'],
  ['an empty Buffer', Buffer.alloc(0), 'dv1:[["Buffer",1],{"base64":2},""]'],
  ['an ArrayBuffer', new Uint8Array([1, 2]).buffer, 'dv1:[["ArrayBuffer","AQI="]]'],
  ['a typed array', new Float32Array([1.5]), 'dv1:[["Float32Array",1],["ArrayBuffer","AADAPw=="]]'],
  ['a part of a typed array', new Uint8Array([1, 2, 3]).subarray(1), 'dv1:[["Uint8Array",1],["ArrayBuffer","AgM="]]'],
  ['a DataView', new DataView(new Uint8Array([1, 2]).buffer, 1), 'dv1:[["DataView",1],["ArrayBuffer","Ag=="]]'],
  ['64-bit arrays', new BigInt64Array([-1n]), 'dv1:[["BigInt64Array",1],["ArrayBuffer","//////////8="]]'],
  ['an object without prototype', Object.assign(Object.create(null), { a: 1 }), 'dv1:[["null","a",1],1]'],
  [
    'lone surrogates and NUL',
    { 'a\uD800\0': ['b\uDC00\0', 1n] },
    'dv1:[{"a\\ud800\\u0000":1},[2,3],"b\\udc00\\u0000",["BigInt","1"]]',
  ],
])('%s is stored in a text that stays readable', (_, value, text) => {
  expect(codec.encode(value)).toBe(text);
  const decoded = codec.decode(text);
  expect(decoded).toStrictEqual(value);
  expect(Object.prototype.toString.call(decoded)).toBe(Object.prototype.toString.call(value));
});

describe('identity', () => {
  test('a cycle comes back as a cycle', () => {
    const order: Record<string, unknown> = { id: 1 };
    order['lines'] = [{ order }];
    order['byOrder'] = new Map([[order, new Set([order])]]);
    const decoded = roundTrip(order) as { lines: [{ order: unknown }]; byOrder: Map<unknown, Set<unknown>> };
    expect(decoded.lines[0].order).toBe(decoded);
    expect(decoded.byOrder.get(decoded)?.has(decoded)).toBe(true);
  });

  test('what is shared comes back shared', () => {
    const shared = new Line('a', 1);
    const decoded = roundTrip({ first: shared, all: [shared, shared] }) as { first: unknown; all: unknown[] };
    expect(decoded.all[0]).toBe(decoded.first);
    expect(decoded.all[1]).toBe(decoded.first);
  });

  test('views of one whole buffer share it again, and a part brings nothing but itself', () => {
    const { buffer } = new Uint8Array(8);
    const [bytes, words] = roundTrip([new Uint8Array(buffer), new Uint32Array(buffer)]) as [Uint8Array, Uint32Array];
    expect(words.buffer).toBe(bytes.buffer);
    const pooled = Buffer.from('secret neighbour').subarray(0, 6);
    expect((roundTrip(new Uint8Array(pooled.buffer, pooled.byteOffset, 6)) as Uint8Array).buffer.byteLength).toBe(6);
  });

  test('every decode gives a value of its own, and encode leaves its value alone', () => {
    const value = Object.freeze({ at: new Date(5), tags: Object.freeze(['a']) });
    const text = codec.encode(value);
    const [first, second] = [codec.decode(text), codec.decode(text)] as [{ at: Date }, { at: Date }];
    first.at.setTime(9);
    expect(second.at.getTime()).toBe(5);
    expect(value.at.getTime()).toBe(5);
  });
});

test('a Buffer comes back as a Buffer, and subclasses of containers as the container', () => {
  class Tags extends Set<string> {}
  class Lines extends Array<number> {}
  expect(Buffer.isBuffer(roundTrip(Buffer.from([1])))).toBe(true);
  expect(roundTrip(new Tags(['a']))).toStrictEqual(new Set(['a']));
  expect(roundTrip(Lines.from([1, 2]))).toStrictEqual([1, 2]);
});

test('an invalid Date comes back invalid', () => {
  expect(codec.encode(new Date(NaN))).toBe('dv1:[["Date",""]]');
  expect((roundTrip(new Date(NaN)) as Date).getTime()).toBeNaN();
});

test('Temporal values come back where the runtime has them', () => {
  class Duration {
    readonly #text: string;
    constructor(text: string) {
      this.#text = text;
    }
    static from(text: string): Duration {
      return new Duration(text);
    }
    get [Symbol.toStringTag](): string {
      return 'Temporal.Duration';
    }
    toString(): string {
      return this.#text;
    }
  }
  const original = Object.getOwnPropertyDescriptor(globalThis, 'Temporal');
  Object.defineProperty(globalThis, 'Temporal', { value: { Duration }, configurable: true });
  try {
    const decoded = roundTrip({ every: new Duration('PT1H') }) as { every: Duration };
    expect(decoded.every).toBeInstanceOf(Duration);
    expect(String(decoded.every)).toBe('PT1H');
  } finally {
    if (original) Object.defineProperty(globalThis, 'Temporal', original);
    else Reflect.deleteProperty(globalThis, 'Temporal');
  }
});

describe('what cannot be stored', () => {
  class Session {
    private readonly listeners = new Map([['close', [(): void => undefined]]]);
    user = { socket: process.stdout };
  }
  class Price {
    toJSON(): string {
      return '1.00';
    }
  }
  const throwing = { get lines(): never { throw new Error('not loaded'); } }; // prettier-ignore
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();

  test.each([
    [
      'a function',
      { customer: { onClose: (): void => undefined } },
      '.customer.onClose',
      'a function cannot be stored',
    ],
    ['a symbol', [Symbol('x')], '[0]', 'a symbol cannot be stored'],
    ['a class', { 'odd key': Session }, '["odd key"]', 'a function'],
    ['a promise', { result: Promise.resolve(1) }, '.result', 'await it'],
    ['a query builder', { query: new (class Query { then(): void {} })() }, '.query', 'await it'], // prettier-ignore
    ['a stream', { out: process.stdout }, '.out', 'holds live state'],
    ['something deep in an instance', { session: new Session() }, '.session.listeners.get("close")[0]', 'a function'],
    ['a WeakMap', new Set([new WeakMap()]), '.values()[0]', 'an instance of WeakMap holds live state'],
    [
      'an AbortSignal',
      { signal: new AbortController().signal },
      '.signal',
      'an instance of AbortSignal holds live state',
    ],
    ['a generator', [(function* () {})()], '[0]', 'holds live state'],
    ['shared memory', [new SharedArrayBuffer(1)], '[0]', 'an instance of SharedArrayBuffer holds live state'],
    ['a boxed primitive', [Object(1)], '[0]', 'store the primitive'],
    ['an unregistered class with toJSON', { price: new Price() }, '.price', 'registerSerializable({ type: Price'],
    ['a Map key', new Map([[(): void => undefined, 1]]), '.keys()[0]', 'a function'],
    [
      'a key named __proto__',
      { a: JSON.parse('{"__proto__":{"isAdmin":true}}') as unknown },
      '.a.__proto__',
      'another name',
    ],
    ['a getter that throws', { order: throwing }, '.order.lines', 'not loaded'],
    ['a revoked proxy', { a: revoked.proxy }, '.a', 'reading it failed'],
    ['a very long array with holes', Object.assign([], { length: 2 ** 32 - 1 }), '', 'at most 1000000 long'],
  ])('%s is refused by path and reason', (_, value, path, reason) => {
    const error = refusalOf([value], 'args');
    expect(error.path).toBe(`args[0]${path}`);
    expect(error.reason).toContain(reason);
    expect(error).toMatchObject({ code: 'SERIALIZATION', message: `${error.path}: ${error.reason}` });
  });

  test.each([
    ['plain objects', {}],
    ['rich objects', 1n],
  ])('%s nested too deep are refused, also from a deep call stack', (_, innermost) => {
    expect(roundTrip(nest(990, innermost))).toBeDefined();
    expect(refusalOf(nest(1001, innermost)).reason).toContain('nested more than 1000 levels');
    expect(refusalOf(nest(100_000, innermost)).message.length).toBeLessThan(500);
    const fillStack = (): unknown => {
      try {
        return fillStack();
      } catch {
        return refusalOf(nest(900, innermost));
      }
    };
    expect(fillStack()).toBeInstanceOf(SerializationError);
  });
});

test('an object that cannot be looked at is refused like any other', () => {
  const trap = (): never => {
    throw new Error('a trap');
  };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const thrower = new Proxy(
    {},
    {
      getPrototypeOf: () => {
        throw Object.create(null);
      },
    },
  );
  for (const value of [new Proxy({}, { getPrototypeOf: trap }), proxy, thrower])
    expect(() => codec.encode(value)).toThrow(SerializationError);
});

describe('the size limit', () => {
  const small = createCodec({ maxBytes: 1000 });

  test('counts bytes of UTF-8, and lets through what just fits', () => {
    expect(small.encode('x'.repeat(998))).toHaveLength(1000);
    expect(() => small.encode('x'.repeat(999))).toThrow(SerializationError);
    expect(small.encode('é'.repeat(499))).toHaveLength(501);
    expect(() => small.encode('é'.repeat(500))).toThrow('1002 bytes of stored text is over the limit of 1000 bytes');
  });

  const data = 'x'.repeat(5000);
  const loop: Record<string, unknown> = { data };
  loop['self'] = loop;
  test.each([
    ['a field', [{ attachments: [{}, { name: 'a', data }] }], 'args[0].attachments[1].data (4.9 KiB)'],
    ['binary data', { file: { bytes: Buffer.alloc(3000) } }, 'args.file.bytes (3.9 KiB)'],
    ['a view', new Map([['pdf', new Uint8Array(3000)]]), 'args.get("pdf") (3.9 KiB)'],
    ['a Map key and a Set', new Set([new Map([[data, 1]])]), 'args.values()[0].keys()[0] (4.9 KiB)'],
    ["an error's field", { error: Object.assign(new Error('x'), { body: data }) }, 'args.error.body (4.9 KiB)'],
    ["an error's message", { error: new Error(data) }, 'args.error.message (4.9 KiB)'],
    ['a cycle', loop, 'args.data (4.9 KiB)'],
    ['a part whose own parts are even', { rows: Array.from({ length: 300 }, (_, id) => ({ id })) }, 'args.rows ('],
  ])('names %s', (_, value, expected) => {
    expect(() => small.encode(value, 'args')).toThrow(`largest part: ${expected}`);
  });

  test('is 1 MiB by default', () => {
    expect(() => codec.encode('x'.repeat(1024 * 1024))).toThrow('over the limit of 1.0 MiB');
    expect(codec.encode('x'.repeat(1024 * 1024 - 2))).toHaveLength(1024 * 1024);
  });
});

describe('the canonical text', () => {
  const canonical = (value: unknown): string => codec.canonical(codec.encode(value));

  test.each<[string, unknown, unknown]>([
    ['the order of keys', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
    ['keys that are undefined', [{ a: undefined, b: 1 }], [{ b: 1 }]],
    [
      'the order of keys of an error',
      Object.assign(new Error('x'), { stack: '', a: 1, b: 2 }),
      Object.assign(new Error('x'), { b: 2, a: 1, stack: '' }),
    ],
  ])('is one for values that differ in %s', (_, a, b) => {
    expect(canonical(a)).toBe(canonical(b));
  });

  test.each<[string, unknown, unknown]>([
    ['a null', { a: null }, {}],
    ['an element that is undefined', [undefined], []],
    [
      'the order of a Map',
      new Map([
        [1, 1],
        [2, 2],
      ]),
      new Map([
        [2, 2],
        [1, 1],
      ]),
    ],
    ['what is one object', twice({ a: 1 }), [{ a: 1 }, { a: 1 }]],
  ])('differs for values that differ in %s', (_, a, b) => {
    expect(canonical(a)).not.toBe(canonical(b));
  });

  test('of text that cannot be read is that text', () => {
    expect(codec.canonical('dv1:no')).toBe('dv1:no');
  });

  test('leaves what is stored as it is', () => {
    expect(codec.encode({ b: 1, a: 2 })).toBe('{"b":1,"a":2}');
  });
});

function twice(value: object): unknown {
  return [value, value];
}
