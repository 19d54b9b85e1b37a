import { createCodec, DeserializationError, Serializable } from './index.js';
import { cpuMs } from './cpu-time.spec-helpers.js';

const codec = createCodec();

@Serializable('Guarded')
class Guarded {
  set isAdmin(_: boolean) {
    throw new Error('a setter ran');
  }
}

const deep = (open: string, close: string, depth: number): string => open.repeat(depth) + '1' + close.repeat(depth);
const chain = (length: number): string =>
  `dv1:[${Array.from({ length }, (_, index) => `{"a":${index + 1}}`).join(',')},1]`;

test.each([
  ['no text at all', undefined, 'it is not text'],
  ['an empty text', '', 'JSON'],
  ['text of something else', '\0<xml/>', 'JSON'],
  ['a newer format', 'dv9:[]', 'JSON'],
  ['an empty graph', 'dv1:[]', 'Invalid input'],
  ['a graph that is no array', 'dv1:{"a":1}', 'not a graph'],
  ['a number that stands for nothing', 'dv1:-9', 'Invalid input'],
  ['a reference out of range', 'dv1:[[7]]', 'Invalid input'],
  ['a reference that is no number', 'dv1:[{"a":"length"}]', 'Invalid input'],
  ['an unknown tag', 'dv1:[["Function","return process"]]', 'Unknown type'],
  ['a tag that objects inherit', 'dv1:[["constructor",1],"x"]', 'Unknown type'],
  ['a prototype in JSON', '{"a":{"__proto__":{"isAdmin":true}}}', '__proto__'],
  ['an escaped prototype in JSON', '[{"\\u005f_proto__":{"isAdmin":true}}]', '__proto__'],
  ['a prototype in a graph', 'dv1:[{"__proto__":1},{"isAdmin":2},true]', '__proto__'],
  ['a prototype in an object without one', 'dv1:[["null","__proto__",1],{}]', '__proto__'],
  ['a prototype in a class', 'dv1:[["Class",1],{"type":2,"data":3},"Guarded",{"__proto__":4},{}]', '__proto__'],
  [
    'a class that nobody registered',
    'dv1:[["Class",1],{"type":2,"data":3},"Object",{}]',
    'no class is registered as "Object"',
  ],
  ['a class by an inherited name', 'dv1:[["Class",1],{"type":2,"data":3},"__proto__",{}]', 'no class is registered'],
  ['an error class by an inherited name', 'dv1:[["Error",1],{"type":2},"constructor"]', 'no class is registered'],
  ['a class without fields', 'dv1:[["Class",1],{"type":2,"data":2},"Guarded"]', 'no fields'],
  ['a tag without payload', 'dv1:[["Class",1],"Guarded"]', 'no payload'],
  ['a tag with a payload of another kind', 'dv1:[["Buffer",1],["Date","x"]]', 'no base64'],
  ['a tag within itself', 'dv1:[["Class",0]]', 'circular'],
  ['an array with a huge length', 'dv1:[[-7,4294967295]]', 'more than 1000000 elements'],
  ['an array with an odd length', 'dv1:[[-7,"9"]]', 'more than 1000000 elements'],
  ['a typed array of a number', 'dv1:[["Float64Array",1],100000000]', 'Invalid input'],
  ['a typed array of a view', 'dv1:[["Uint8Array",1],["Uint8Array",0]]', 'Invalid input'],
  ['a typed array past its buffer', 'dv1:[["Uint8Array",1,0,1000000000],["ArrayBuffer","AA=="]]', 'length'],
  ['a boxed primitive', 'dv1:[["Object",1],1]', 'boxed'],
  ['a broken URL', 'dv1:[["URL","nonsense"]]', 'URL'],
  ['a broken RegExp', 'dv1:[["RegExp","("]]', 'regular expression'],
  ['a broken bigint', 'dv1:[["BigInt","x"]]', 'BigInt'],
  ['deep JSON', deep('[', ']', 500_000), 'nested more than 1000'],
  ['JSON one level too deep', deep('{"a":', '}', 1001), 'nested more than 1000'],
  ['a long chain', chain(100_000), 'nested more than 1000'],
])('%s is refused', (_, text, reason) => {
  let error: unknown;
  try {
    codec.decode(text as string);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(DeserializationError);
  const { code, reason: given, message } = error as DeserializationError;
  expect(code).toBe('DESERIALIZATION');
  expect(given).toContain(reason);
  expect(message.length).toBeLessThan(500);
  expect(message).not.toContain('\0');
  expect({}).not.toHaveProperty('isAdmin');
});

describe('harmless', () => {
  test('names that mean something elsewhere are data', () => {
    const text = '{"constructor":{"prototype":{"isAdmin":true}},"prototype":1,"toString":2,"then":3}';
    expect(codec.decode(text)).toEqual(JSON.parse(text));
    const decoded = codec.decode('dv1:[{"constructor":1,"prototype":-1},{"prototype":2},{}]');
    expect(Object.entries(decoded as object)).toEqual([
      ['constructor', { prototype: {} }],
      ['prototype', undefined],
    ]);
  });

  test('fields are defined, not assigned, so no setter runs', () => {
    const decoded = codec.decode('dv1:[["Class",1],{"type":2,"data":3},"Guarded",{"isAdmin":4},true]');
    expect(decoded).toBeInstanceOf(Guarded);
    expect(Object.getOwnPropertyDescriptor(decoded, 'isAdmin')?.value).toBe(true);
    expect(new Guarded()).not.toHaveProperty('isAdmin', true);
  });

  test.each([
    ['many tags of one large payload', () => {
      const fields = Array.from({ length: 20_000 }, (_, index) => `"f${index}":-1`).join(',');
      const tags = '["Class",1],'.repeat(20_000).slice(0, -1);
      const members = Array.from({ length: 20_000 }, (_, index) => index + 4).join(',');
      return `dv1:[[${members}],{"type":2,"data":3},"Guarded",{${fields}},${tags}]`;
    }],
    ['many arrays with holes', () => {
      const members = Array.from({ length: 20_000 }, (_, index) => index + 1).join(',');
      return `dv1:[[${members}],${'[-7,1000000],'.repeat(20_000).slice(0, -1)}]`;
    }],
    ['a graph in which everything refers to everything', () => {
      const all = Array.from({ length: 600 }, (_, index) => index).join(',');
      return `dv1:[${`[${all}],`.repeat(600).slice(0, -1)}]`;
    }],
    ['a huge bigint', () => `dv1:[["BigInt","${'9'.repeat(200_000)}"]]`],
    ['a regular expression with nested repeats', () => 'dv1:[["RegExp","(?:(?:a{1000}){1000}){1000}"]]'],
  ])('%s takes little time', (_, makeText) => {
    const text = makeText();
    const before = cpuMs();
    try {
      codec.decode(text);
    } catch (error) {
      expect(error).toBeInstanceOf(DeserializationError);
    }
    expect(cpuMs() - before).toBeLessThan(1000);
  }); // prettier-ignore
});
