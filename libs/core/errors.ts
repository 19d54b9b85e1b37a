/** Base of every error this library throws. Match on the class or on `code`, not on the message. */
export abstract class WorkflowError extends Error {
  abstract readonly code: string;

  constructor(message?: string, options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true, writable: true });
  }
}

/** Thrown by a step that must not be tried again. */
export class FatalError extends WorkflowError {
  readonly code = 'FATAL';
}

/** Thrown by a step that wants to be tried again, optionally not before `retryAfter`. */
export class RetryableError extends WorkflowError {
  readonly code = 'RETRYABLE';
  /**
   * A duration (`'60s'`, seconds as a number, or `{ minutes: 1 }`), or a date, as a `Retry-After` header has either. The
   * retry policy decides when it is absent.
   */
  readonly retryAfter: string | number | object | undefined;

  constructor(message: string, options: { retryAfter?: string | number | object; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.retryAfter = options.retryAfter;
  }
}

/** An argument, option, name or duration that cannot be used. */
export class InvalidInputError extends WorkflowError {
  readonly code = 'INVALID_INPUT';
}

/** A durable wait, a step attempt or a run took longer than it was allowed to. */
export class WorkflowTimeoutError extends WorkflowError {
  readonly code = 'TIMEOUT';
}

/** The run was asked to stop: rejects what the workflow awaits, and is the reason of a step's AbortSignal. */
export class WorkflowCancelledError extends WorkflowError {
  readonly code = 'CANCELLED';
}

/** A hook was not delivered in time. */
export class HookExpiredError extends WorkflowError {
  readonly code = 'HOOK_EXPIRED';

  constructor(readonly hookId: string) {
    super(`Hook "${hookId}" expired before anything was delivered to it. Catch this error to go on without an answer.`);
  }
}

/** A hook's chosen token is in use by another live hook. */
export class HookConflictError extends WorkflowError {
  readonly code = 'HOOK_CONFLICT';

  constructor(readonly hookId: string) {
    super(
      `The token chosen for hook "${hookId}" is in use by another live hook. Choose another token, or leave it out to get a unique one.`,
    );
  }
}

/** A checkpoint from which a replay could not go on rightly: something is open, or it belongs to two loops. */
export class CheckpointError extends WorkflowError {
  readonly code = 'CHECKPOINT';

  constructor(
    readonly checkpointId: string,
    problem: string,
    advice: string,
  ) {
    super(`Checkpoint "${checkpointId}" cannot be saved: ${problem}. ${advice}`);
  }
}

/** The workflow code no longer asks for what its history recorded. The run is blocked until fixed code is deployed. */
export class NonDeterminismError extends WorkflowError {
  readonly code = 'NON_DETERMINISM';

  constructor(
    readonly sequence: number,
    readonly recorded: string,
    readonly issued: string,
    readonly location?: string,
  ) {
    super(
      `The workflow no longer matches its history: event ${sequence} recorded ${recorded}, but the code asked for ${issued}` +
        `${location ? ` (${location})` : ''}. Deploy code that asks for ${recorded} at this point, or give the changed workflow a new version, then resume the run.`,
    );
  }
}

/** A run has more events than one history may hold. */
export class EventLimitError extends WorkflowError {
  readonly code = 'EVENT_LIMIT';

  constructor(
    readonly events: number,
    readonly limit: number,
  ) {
    super(
      `The history of the run holds ${events} events, and at most ${limit} are allowed. Call checkpoint() in its loop, split the work into several runs, or loop over fewer and larger steps.`,
    );
  }
}
