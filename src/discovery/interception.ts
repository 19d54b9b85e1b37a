import { callStep, findCurrentContext } from '../../libs/runtime/index.js';
import type { ArgumentChecks } from '../validation/argument-checks.js';

export type Callable = (this: unknown, ...args: unknown[]) => unknown;

/** What the durable functions stand for. */
const originals = new WeakMap<object, Callable>();

/** The function that a durable one stands for; any other is given back. */
export function originalOf(method: Callable): Callable {
  return originals.get(method) ?? method;
}

/**
 * A function that is a durable step call in workflow code, and `original` everywhere else.
 *
 * It is `original` in all other respects, so the mocks of test libraries go on counting their calls.
 */
export function durable(original: Callable, stepName: string, checks: ArgumentChecks | undefined): Callable {
  const method = new Proxy(original, {
    apply: (target, self, args: unknown[]) => {
      if (checks && findCurrentContext()?.kind === 'workflow') {
        try {
          checks.checkSync(args);
        } catch (error) {
          return refusal(error);
        }
      }
      return callStep(stepName, args, () => Reflect.apply(target, self, args));
    },
  });
  originals.set(method, original);
  // Guards, routes and listeners of other decorators are looked up by the function.
  for (const key of Reflect.getMetadataKeys(original)) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, original), method);
  }
  return method;
}

/** Puts a durable function in the place of an object's method. @returns whether the object has taken it */
export function intercept(instance: object, method: string | symbol, replacement: Callable): boolean {
  try {
    Object.defineProperty(instance, method, {
      value: replacement,
      configurable: true,
      writable: true,
      enumerable: false,
    });
    return Reflect.get(instance, method) === replacement;
  } catch {
    return false;
  }
}

/** As all promises of a run, it may be awaited later, or never. */
function refusal(error: unknown): Promise<never> {
  const refused = Promise.reject(error);
  refused.catch(() => {});
  return refused;
}
