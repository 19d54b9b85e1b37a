import { InvalidInputError } from '../../../libs/core/index.js';
import { show } from '../../checks/show.js';

/** Text, or the bytes of a key. */
export type Secret = string | Uint8Array;

/** What signatures are verified with: one of the two is needed. */
export interface SecretOptions {
  /** The secret shared with the sender, or a function that gives it at each delivery. */
  readonly secret?: Secret | (() => Secret | Promise<Secret>);
  /** Several, all of which are accepted: while one replaces the other. */
  readonly secrets?: readonly Secret[] | (() => readonly Secret[] | Promise<readonly Secret[]>);
}

/** What is wrong with the secrets; those that a function gives are checked at each delivery. */
export function secretFaults(what: string, { secret, secrets }: SecretOptions): readonly string[] {
  if ((secret === undefined) === (secrets === undefined)) {
    const reason = secret === undefined ? 'neither is given. Is an environment variable not set?' : 'both are given.';
    return [`${what} takes a secret, or secrets while one replaces the other; ${reason}`];
  }
  if (typeof secret === 'function' || typeof secrets === 'function') return [];
  return isListOfSecrets(secrets ?? [secret]) ? [] : [`${what}: ${wanted(secrets === undefined)}`];
}

/** @throws InvalidInputError if a function has given none: an empty key would accept what anybody signs with it */
export async function secretsOf(what: string, { secret, secrets }: SecretOptions): Promise<readonly Secret[]> {
  const given: unknown =
    secrets === undefined
      ? [typeof secret === 'function' ? await secret() : secret]
      : typeof secrets === 'function'
        ? await secrets()
        : secrets;
  if (isListOfSecrets(given)) return given;
  throw new InvalidInputError(
    `${what}: ${wanted(secrets === undefined)} The function gave ${secrets === undefined ? 'none' : show(given)}.`,
  );
}

function isListOfSecrets(value: unknown): value is readonly Secret[] {
  return Array.isArray(value) && value.length > 0 && value.every(isSecret);
}

function isSecret(value: unknown): value is Secret {
  return (typeof value === 'string' || value instanceof Uint8Array) && value.length > 0;
}

function wanted(isOne: boolean): string {
  const one = 'a text or bytes, and not empty.';
  return isOne ? `secret must be ${one}` : `secrets must be a list in which each is ${one}`;
}
