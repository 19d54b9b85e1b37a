import { InvalidInputError, WorkflowCancelledError } from './errors.js';
import type { Command, Payload } from './history-event.js';
import type { Codec } from './ports/codec.js';
import { encodeError } from './side-effect.js';

/** What a run was started with. @throws InvalidInputError if the store has been tampered with */
export function decodeArguments(input: Payload, codec: Codec): unknown[] {
  const args = codec.decode(input);
  if (!Array.isArray(args)) throw new InvalidInputError('The stored arguments of the run are no list.');
  return args as unknown[];
}

/** The last command of a workflow that has returned. An output that cannot be stored fails the run. */
export function endWithOutput(output: unknown, codec: Codec): Command {
  try {
    return { type: 'workflow.completed', payload: codec.encode(output, 'output') };
  } catch (error) {
    return endWithError(error, codec);
  }
}

/** The last command of a workflow that has thrown. */
export function endWithError(error: unknown, codec: Codec): Command {
  const payload = encodeError(error, codec);
  return { type: isCancellation(error) ? 'workflow.cancelled' : 'workflow.failed', payload };
}

/** Takes whatever the code has thrown, even a proxy that throws in turn: the run must end. */
function isCancellation(thrown: unknown): boolean {
  try {
    return thrown instanceof WorkflowCancelledError;
  } catch {
    return false;
  }
}
