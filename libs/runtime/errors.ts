import { type RunStatus, WorkflowError } from '../core/index.js';

/** No process knows a workflow or a step that is asked for. */
export class UnknownNameError extends WorkflowError {
  readonly code = 'UNKNOWN_NAME';
}

/** Why a run is blocked whose step has been in no process for long. */
export function unknownStep(step: string): UnknownNameError {
  return new UnknownNameError(`No process knows the step "${step}". Deploy code that has it, then resume the run.`);
}

/** No run in this store has this id. */
export class RunNotFoundError extends WorkflowError {
  readonly code = 'RUN_NOT_FOUND';

  constructor(readonly runId: string) {
    super(
      `There is no run "${runId}" in this store. Check the id, and that the process uses the store in which the run was started.`,
    );
  }
}

/** The run has ended, so nothing can be asked of it any more. */
export class RunEndedError extends WorkflowError {
  readonly code = 'RUN_ENDED';

  constructor(
    readonly runId: string,
    readonly status: RunStatus,
  ) {
    super(
      `Run "${runId}" has ended (${status}), so it cannot be cancelled or resumed. Start a new run if the work is to be done again.`,
    );
  }
}

/** The engine was used before the application has started, or after it has stopped. */
export class NotRunningError extends WorkflowError {
  readonly code = 'NOT_RUNNING';
}

/** What `result()` rejects with when the workflow threw an error, which is the `cause`. */
export class RunFailedError extends WorkflowError {
  readonly code = 'RUN_FAILED';

  constructor(
    readonly runId: string,
    readonly workflow: string,
    cause: unknown,
  ) {
    super(`Run "${runId}" of workflow "${workflow}" failed: ${textOf(cause)}`, { cause });
  }
}

/** What `result()` rejects with when the run was cancelled. */
export class RunCancelledError extends WorkflowError {
  readonly code = 'RUN_CANCELLED';

  constructor(
    readonly runId: string,
    readonly workflow: string,
  ) {
    super(`Run "${runId}" of workflow "${workflow}" was cancelled.`);
  }
}

/** What `result({ timeout })` rejects with. The run goes on. */
export class ResultTimeoutError extends WorkflowError {
  readonly code = 'RESULT_TIMEOUT';

  constructor(
    readonly runId: string,
    readonly timeoutMs: number,
  ) {
    super(`Run "${runId}" has not ended within ${timeoutMs} ms. It goes on; ask again, or wait longer.`);
  }
}

/** A start repeats a run id or an idempotency key with another input. */
export class IdempotencyConflictError extends WorkflowError {
  readonly code = 'IDEMPOTENCY_CONFLICT';

  constructor(
    readonly runId: string,
    readonly key: string,
  ) {
    super(
      `Run "${runId}" was started with the key "${key}" and another input. Use one key for one piece of work only.`,
    );
  }
}

/** No hook has, or ever had, this token. */
export class HookNotFoundError extends WorkflowError {
  readonly code = 'HOOK_NOT_FOUND';

  constructor() {
    super(
      'No hook has this token. Check that it was copied whole, and that the hook is created: a token can be used once the run waits.',
    );
  }
}

/** A hook has a definition that this process does not know, so nobody here can say what may be delivered to it. */
export class HookNotDefinedError extends WorkflowError {
  readonly code = 'HOOK_NOT_DEFINED';

  constructor(
    readonly runId: string,
    readonly hookId: string,
  ) {
    super(
      `Hook "${hookId}" of run "${runId}" has a definition that this process has not imported, so nothing was delivered and the hook stays open. ` +
        'Import the file with its defineHook() in every process that takes deliveries.',
    );
  }
}

/** The hook takes no more payloads: it has had its one, or its run closed it. */
export class HookUsedError extends WorkflowError {
  readonly code = 'HOOK_USED';

  constructor(
    readonly runId: string,
    readonly hookId: string,
    /** Whether it has had its one payload, or its run takes no more. */
    readonly reason: 'used' | 'closed',
  ) {
    super(
      reason === 'used'
        ? `Hook "${hookId}" of run "${runId}" has had its one payload. Give a delivery that may be repeated a deliveryId, or create the hook with multiple: true.`
        : `Hook "${hookId}" of run "${runId}" is closed: its run has ended or takes no more payloads. Deliver to a hook that is open.`,
    );
  }
}

/** The process of a run that asked not to be recovered has died. */
export class WorkerLostError extends WorkflowError {
  readonly code = 'WORKER_LOST';

  constructor(readonly runId: string) {
    super(
      `The process of run "${runId}" died in the middle of it, and its workflow has recoverOnWorkerLoss: false. Check what it has done, then start a new run.`,
    );
  }
}

/** Anything can be thrown, also an object that cannot be made a text. */
function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return 'it threw an object that is no Error.';
  }
}
