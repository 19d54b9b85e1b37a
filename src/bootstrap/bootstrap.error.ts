import { WorkflowError } from '../../libs/core/index.js';

/** A process could not be started as it was configured. */
export class BootstrapError extends WorkflowError {
  readonly code = 'BOOTSTRAP';
}
