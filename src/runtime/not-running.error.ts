import { WorkflowError } from '../../libs/core/index.js';

/** The engine was used before the application has started, or after it has stopped. */
export class NotRunningError extends WorkflowError {
  readonly code = 'NOT_RUNNING';
}
