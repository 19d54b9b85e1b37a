import { WorkflowError } from '../../libs/core/index.js';

/** A process could not be started as it was configured. */
export class BootstrapError extends WorkflowError {
  readonly code = 'BOOTSTRAP';
}

/** All that is wrong, in one message. */
export function bootstrapErrorOf(errors: readonly BootstrapError[], more: readonly string[]): BootstrapError {
  const [first] = errors;
  const faults = [...errors.map(({ message }) => message), ...more];
  if (first && faults.length === 1) return first;
  return new BootstrapError(['Several things are wrong:', ...faults.map((fault) => `- ${fault}`)].join('\n'), {
    cause: first?.cause,
  });
}
