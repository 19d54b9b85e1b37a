import BigNumber from 'bignumber.js';
import { Decimal } from 'decimal.js';
import { createCodec, DeserializationError, registerDecimal, SerializationError } from './index.js';

registerDecimal(Decimal);
registerDecimal(BigNumber, 'BigNumber');

const codec = createCodec();
const TEXTS = ['0', '-0', '0.1', '-12.50', '1e-30', '123456789012345678901234567890.0987654321', '9e+9000', 'NaN'];
const THE_INFINITE = ['Infinity', '-Infinity'];

describe.each<[string, new (text: string) => Decimal | BigNumber]>([
  ['Decimal', Decimal],
  ['BigNumber', BigNumber],
])('%s', (name, Type) => {
  test.each([...TEXTS, ...THE_INFINITE])('%s comes back as it was', (text) => {
    const value = new Type(text);
    const decoded = codec.decode(codec.encode({ price: value })) as { price: Decimal | BigNumber };
    expect(decoded.price).toBeInstanceOf(Type);
    expect(decoded.price.valueOf()).toBe(value.valueOf());
  });

  test('is stored as its text', () => {
    expect(codec.encode(new Type('12.5'))).toBe(`dv1:[["Class",1],{"type":2,"data":3},"${name}","12.5"]`);
  });

  test.each(['"0x10"', '"1 000"', '"1e"', '12', '{}', '"__proto__"'])('%s is refused when it is read', (data) => {
    expect(() => codec.decode(`dv1:[["Class",1],{"type":2,"data":3},"${name}",${data}]`)).toThrow(DeserializationError);
  });
});

test('two classes of one name are refused, and one may be registered again', () => {
  registerDecimal(Decimal);
  expect(() => registerDecimal(BigNumber)).toThrow(SerializationError);
});
