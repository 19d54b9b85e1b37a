import { InvalidInputError, Scope } from '../core/index.js';
import { currentExecution, findCurrentContext, findExecution, runInScope } from './context.js';

/**
 * Runs a part of the workflow that a cancellation, or a run's timeout, does not interrupt.
 *
 * All that is begun inside is protected, in nested functions too. A cancellation that comes meanwhile rejects the next
 * wait behind the shield, so the result is not lost. Shields nest.
 *
 * @example const charge = await shield(() => this.payments.charge(order));
 * @throws InvalidInputError for a promise: what it stands for was begun outside
 */
export async function shield<T>(body: () => T | PromiseLike<T>): Promise<T> {
  const execution = currentExecution('shield()');
  if (typeof body !== 'function')
    throw new InvalidInputError('shield() takes a function that begins what is to be protected: shield(() => step()).');
  const scope = new Scope(execution.scope, true);
  try {
    return await runInScope(scope, async () => await body());
  } finally {
    scope.end();
  }
}

/** A part of a workflow that can be cancelled by itself. */
export interface CancellationScope<T> {
  /** What its function returns or throws: WorkflowCancelledError, if it does not catch it. */
  readonly result: Promise<T>;
  /**
   * Rejects what is awaited in it with WorkflowCancelledError, or if there is no such thing, what is awaited next in it.
   * Its steps are cancelled and told by their `signal`, its timers dropped, its hooks of one payload closed. A second time it does nothing.
   */
  cancel(): void;
}

/**
 * Begins a part of the workflow that can be cancelled while the rest goes on.
 *
 * @example const search = cancellationScope(() => this.search.everywhere(item)); ... search.cancel();
 */
export function cancellationScope<T>(body: () => T | PromiseLike<T>): CancellationScope<T> {
  const execution = currentExecution('cancellationScope()');
  if (typeof body !== 'function') throw new InvalidInputError('cancellationScope() takes a function.');
  const scope = new Scope(execution.scope);
  const result = runInScope(scope, async () => await body());
  result.catch(() => {}); // it may be awaited later, or never
  let isCancelled = false;
  return {
    result,
    cancel: () => {
      if (!isCancelled) execution.cancelScope(scope);
      isCancelled = true;
    },
  };
}

/**
 * Throws if the calling code should stop: what a step does now and then while it computes, and a workflow between waits.
 *
 * Outside of runs it does nothing, so that a step can be called as the method that it is.
 *
 * @throws in a step the reason of its `signal`: WorkflowCancelledError, or WorkflowTimeoutError if the attempt timed out
 * @throws in a workflow what its next wait would be rejected with; that wait is spared then
 */
export function checkCancellation(): void {
  const execution = findExecution();
  if (execution) return execution.checkInterruption();
  const context = findCurrentContext();
  if (context?.kind === 'step') context.signal.throwIfAborted();
}
