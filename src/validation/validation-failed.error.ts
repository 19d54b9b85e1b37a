import { WorkflowError } from '../../libs/core/index.js';
import { registerSerializable } from '../../libs/serialization/index.js';

const MOST_IN_MESSAGE = 10;

/** What is checked: the arguments of a call, what is delivered to a hook, or what a workflow tells its steps. */
export type CheckedSubject = 'arguments' | 'payload' | 'step context';

/** Arguments or a payload that do not match the classes they are declared with. `issues` says where and why. */
export class ValidationFailedError extends WorkflowError {
  readonly code = 'VALIDATION';

  constructor(
    what: string,
    readonly issues: readonly string[],
    subject: CheckedSubject = 'arguments',
  ) {
    const shown = issues.slice(0, MOST_IN_MESSAGE).join('; ');
    const more = issues.length > MOST_IN_MESSAGE ? `; and ${issues.length - MOST_IN_MESSAGE} more` : '';
    super(`The ${subject} of ${what} ${subject === 'arguments' ? 'are' : 'is'} not valid: ${shown}${more}`);
  }
}

// Workflow code catches it by its class, so it comes back from the store as itself.
registerSerializable({ type: ValidationFailedError, name: 'pyworkflow.ValidationFailedError' });
