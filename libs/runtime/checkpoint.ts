import { InvalidInputError } from '../core/index.js';
import { assertName, assertOptions } from './check-options.js';
import { type CheckpointOptions, currentExecution } from './context.js';

/**
 * Saves the state of a loop at the beginning of a round, so that a loop of any length has a short history: rounds before
 * the latest checkpoint are compacted, and a replay leaves them out.
 *
 * Afterwards the object holds what was saved. It has to be all that the code behind depends on and that rounds change:
 * other variables and fields are on replay as they were before the first round.
 *
 * @example
 * const state = { round: 0, total: 0 };
 * for (;;) {
 *   await checkpoint(state);
 *   state.total += await this.steps.work(state.round++);
 *   await sleep('1h');
 * }
 * @param state the same plain object in every round
 * @throws InvalidInputError if it is no plain object
 * @throws SerializationError if it cannot be stored
 * @throws CheckpointError if something of the run is open, or the loop shares its name with another
 */
export async function checkpoint(state: object, options: CheckpointOptions = {}): Promise<void> {
  const execution = currentExecution('checkpoint()');
  assertOptions('checkpoint()', options, ['name']);
  const { name = 'checkpoint' } = options;
  assertName('a checkpoint', name);
  if (!isPlain(state)) throw new InvalidInputError('checkpoint() takes a plain object, which it can change.');
  return execution.checkpoint(state, name);
}

function isPlain(state: unknown): boolean {
  if (typeof state !== 'object' || state === null || !Object.isExtensible(state)) return false;
  const prototype: unknown = Object.getPrototypeOf(state);
  return prototype === Object.prototype || prototype === null;
}
