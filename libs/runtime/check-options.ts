import { InvalidInputError } from '../core/index.js';

/** A misspelt option, such as a timeout that never comes, must not go unnoticed. */
export function assertOptions(what: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw new InvalidInputError(`${what} takes an object of options: ${known.join(', ')}.`);
  const unknown = Object.keys(options).find((option) => !known.includes(option));
  if (unknown === undefined) return;
  throw new InvalidInputError(`${what} has no option ${JSON.stringify(unknown)}. It has: ${known.join(', ')}.`);
}

/** The name and its occurrence, with "#" between, are an id. */
export function assertName(of: string, name: unknown): void {
  if (typeof name !== 'string' || !/^[^\p{C}\p{Zl}\p{Zp}#]{1,200}$/u.test(name))
    throw new InvalidInputError(`The name of ${of} is a text of 1 to 200 printable characters without "#".`);
}
