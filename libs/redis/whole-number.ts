import { InvalidInputError } from '../core/index.js';

/**
 * A number as it stands in Redis.
 *
 * @throws InvalidInputError if it is no whole number: a script must find that out before it has written anything.
 */
export function wholeNumber(name: string, value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  throw new InvalidInputError(`${name} is ${String(value)}. Use a whole number.`);
}
