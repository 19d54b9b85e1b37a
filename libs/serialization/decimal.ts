import { registerSerializable } from './serializable.decorator.js';

/** A class of decimal numbers: its constructor reads the text that `valueOf` writes. */
export type DecimalClass<T extends object = object> = new (text: string) => T;

const DECIMAL = /^-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Infinity)$|^NaN$/i;

/**
 * Registers the decimal numbers of a library, such as decimal.js, bignumber.js or big.js: they are stored as their text,
 * exactly, and come back as instances.
 *
 * @example
 * ```ts
 * import { Decimal } from 'decimal.js';
 *
 * registerDecimal(Decimal);
 * ```
 * @param name what is stored with each number; give each class its own. @default 'Decimal'
 * @publicApi
 */
export function registerDecimal<T extends object>(type: DecimalClass<T>, name = 'Decimal'): void {
  registerSerializable<T>({
    type,
    name,
    // Unlike toString(), it tells -0 from 0.
    serialize: (value) => String(value.valueOf()),
    deserialize: (text) => {
      if (typeof text !== 'string' || !DECIMAL.test(text)) throw new Error(`a ${name} is no decimal number`);
      return new type(text);
    },
  });
}
