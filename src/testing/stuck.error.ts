import { type RunStatus, WorkflowError } from '../../libs/core/index.js';

/** A test waits for a run that nothing will bring on any more, however much time passes within the clock's reach. */
export class RunStuckError extends WorkflowError {
  readonly code = 'RUN_STUCK';

  constructor(
    readonly runId: string,
    readonly status: RunStatus,
    why: string,
  ) {
    super(`Run "${runId}" is ${status} and does not end by itself: ${why}`);
  }
}
