import { InvalidInputError } from '../core/index.js';
import { currentExecution, findExecution, stepContextOf } from './context.js';

/**
 * Sets what every step that this run calls from now on can read with `getStepContext()`, wherever it runs: who the
 * customer is, which tenant, a locale. Set it again to change it, or to undefined to end it.
 *
 * The value is stored with each step call, so keep it small. It is copied: changing it afterwards changes nothing.
 *
 * @throws InvalidInputError outside of workflow code
 * @throws ValidationFailedError if the workflow declares a class as its `stepContext` and the value is not valid
 * @throws SerializationError if it cannot be stored
 */
export function setStepContext(value: unknown): void {
  currentExecution('setStepContext()').setStepContext(value);
}

/**
 * What the workflow has set for its steps: in a step as it was when the step was called, in workflow code as it is now.
 * It is frozen. Undefined if nothing was set.
 *
 * @throws InvalidInputError outside of a workflow and of a step that a workflow has called
 */
export function getStepContext<T = unknown>(): T | undefined {
  const execution = findExecution();
  if (execution) return deepFreeze(execution.getStepContext()) as T | undefined;
  const read = stepContextOf();
  if (!read) {
    throw new InvalidInputError(
      'getStepContext() was called outside a workflow and outside a step. Call it in what a workflow runs, and hand its value on.',
    );
  }
  return deepFreeze(read()) as T | undefined;
}

/** Plain data only: instances of classes keep their own rules. */
function deepFreeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) return value;
  Object.freeze(value);
  for (const item of Object.values(value)) deepFreeze(item);
  return value;
}
