import { type AnyClass, markMethod } from './metadata.js';
import type { StepOptions } from './step.options.js';
import type { AsyncMethod, Prototype } from './workflow.decorator.js';

type StepTarget = <M extends AsyncMethod>(
  target: Prototype,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

interface StepDecorator extends StepTarget {
  (options?: StepOptions): StepTarget;
}

/** What `extends Step` gives a class. */
declare abstract class StepBase {
  /** As the options of the decorator. */
  static readonly options?: StepOptions;
  abstract execute(...args: never[]): Promise<unknown>;
}

const BASE = Symbol.for('nestjs-pyworkflow:step-base');

/**
 * Makes a method of a provider a durable step: called from a workflow, it is recorded, retried and run at least once;
 * called from anywhere else, it is the method that it is.
 *
 * Or extend it: the `execute` method of an injectable `class ChargeCard extends Step` is a step, with its options in
 * `static options`.
 *
 * @example
 * ```ts
 * @Injectable()
 * class PaymentSteps {
 *   @Step({ maxRetries: 5, timeout: '30s' })
 *   async charge(order: Order): Promise<Charge> { ... }
 * }
 * ```
 * @publicApi
 */
export const Step = step as StepDecorator & typeof StepBase;
export type Step = StepBase;

// A function rather than a class, since only a function can be called as a decorator and extended as well.
function step(this: unknown, ...args: readonly unknown[]): unknown {
  if (new.target) return undefined;
  const [first, method] = args;
  const isBare = args.length > 1 || typeof first === 'function';
  if (isBare) return markMethod('step', first as object, method as string | symbol, {});
  const options = first === undefined ? {} : (first as StepOptions);
  return (target: object, key: string | symbol) => markMethod('step', target, key, options);
}
Object.defineProperty(step, 'name', { value: 'Step' });
Object.defineProperty(step.prototype, BASE, { value: true });

/** Whether a class extends `Step`. */
export function extendsStep(type: AnyClass): boolean {
  return BASE in (type.prototype as object);
}
