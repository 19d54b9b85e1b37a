import { InvalidInputError } from '../../libs/core/index.js';
import type { Provider } from './provider.js';

/** What is read of any object by those who await, print or compare it. */
const PROBE = /^(?:then|toJSON|inspect|asymmetricMatch|nodeType|tagName|\$\$.*|@@.*)$/;

/**
 * What a workflow is given for a request-scoped provider of steps, which has an instance only within an attempt.
 *
 * It has the provider's class and its steps. Anything else that is asked of it would be missing or half-made, so it is
 * refused.
 *
 * @param addSteps makes the steps of the provider durable on an object
 */
export function standInFor({ type, label }: Provider, addSteps: (target: object) => readonly PropertyKey[]): object {
  const prototype = type?.prototype as object;
  const target = Object.create(prototype) as object;
  const steps = new Set(addSteps(target));
  const refuse = (key: string): never => {
    throw new InvalidInputError(
      `${type?.name ?? label} is request-scoped, so workflows have no instance of it and cannot use its "${key}", only call its steps. ` +
        `Make "${key}" a step, or move it to a function or to a provider of the default scope.`,
    );
  };
  return new Proxy(target, {
    get: (_, key) => {
      if (typeof key === 'symbol' || key === 'constructor' || steps.has(key))
        return Reflect.get(target, key) as unknown;
      if (PROBE.test(key)) return undefined;
      return key in Object.prototype ? (Reflect.get(Object.prototype, key) as unknown) : refuse(key);
    },
    // Assignments come here, too.
    defineProperty: (_, key) => refuse(String(key)),
  });
}
