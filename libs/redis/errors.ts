import { isNativeError } from 'node:util/types';
import { StoreError } from '../core/index.js';

/** The store was used before `open` or after `close`. */
export class RedisStoreClosedError extends StoreError {
  readonly code = 'STORE_CLOSED';

  constructor() {
    super('The workflow store is not open. Call open() before it is used, and use nothing of it after close().');
  }
}

/** This Redis cannot keep runs: the account may not do enough, it is too old, or it may drop keys. */
export class RedisStoreOpenError extends StoreError {
  readonly code = 'STORE_OPEN_FAILED';

  constructor(
    readonly place: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`The workflow store on ${place} cannot be opened: ${reason}`, options);
  }
}

/**
 * Redis cannot be reached, or cannot write. A change that was under way may have been written; whoever made it must
 * not go on as if it knew. The next call tries again.
 */
export class RedisStoreUnavailableError extends StoreError {
  readonly code = 'STORE_UNAVAILABLE';

  constructor(
    readonly place: string,
    cause: unknown,
  ) {
    super(
      `The workflow store on ${place} is unavailable: ${describe(cause)}. ` +
        'Check that Redis runs, accepts connections and has memory and disk left. Calls work again as soon as it does.',
      { cause },
    );
  }
}

export function describe(error: unknown): string {
  if (!isNativeError(error)) return String(error);
  // Node tries several addresses, and then has a message for each.
  if (error.message === '' && 'errors' in error && Array.isArray(error.errors))
    return error.errors.map(describe).join(', ');
  return error.message;
}
