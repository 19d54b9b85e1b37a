import { InvalidInputError, WorkflowCancelledError } from './errors.js';
import type { Payload } from './history-event.js';
import type { Codec } from './ports/codec.js';

/** What a run was started with. @throws InvalidInputError if the store has been tampered with */
export function decodeArguments(input: Payload, codec: Codec): unknown[] {
  const args = codec.decode(input);
  if (!Array.isArray(args)) throw new InvalidInputError('The stored arguments of the run are no list.');
  return args as unknown[];
}

/** Takes whatever the code has thrown, even a proxy that throws in turn: the run must end. */
export function isCancellation(thrown: unknown): boolean {
  try {
    return thrown instanceof WorkflowCancelledError;
  } catch {
    return false;
  }
}
