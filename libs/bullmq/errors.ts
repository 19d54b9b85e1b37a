import { WorkflowError } from '../core/index.js';

/** Redis cannot be reached, or does not answer. What was to be sent may be lost: the store's alarms make up for it. */
export class RedisUnavailableError extends WorkflowError {
  readonly code = 'REDIS_UNAVAILABLE';

  constructor(
    readonly place: string,
    cause?: unknown,
  ) {
    super(
      `Redis at ${place} cannot be reached${cause instanceof Error && cause.message !== '' ? `: ${cause.message}` : ''}. ` +
        'Check that the server runs and accepts connections. Runs go on meanwhile, later than they could; messages are carried again as soon as it is back.',
      { cause },
    );
  }
}

/** More messages wait to be sent than are worth their memory. The store's alarms make up for those that are dropped. */
export class TooManyMessagesError extends WorkflowError {
  readonly code = 'TOO_MANY_MESSAGES';

  constructor(readonly most: number) {
    super(`${most} messages wait to be sent to Redis already, so this one is dropped: it will be asked for again.`);
  }
}

/** A job that nobody here has made. It is dropped. */
export class UnreadableJobError extends WorkflowError {
  readonly code = 'UNREADABLE_JOB';

  constructor(
    readonly queue: string,
    readonly jobId: string | undefined,
  ) {
    super(
      `Job ${jobId ?? '?'} of the queue "${queue}" is no message of a workflow, so it was dropped. ` +
        'Another application may use the same prefix: give each a prefix of its own.',
    );
  }
}
