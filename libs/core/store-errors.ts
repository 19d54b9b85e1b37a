import { WorkflowError } from './errors.js';

/**
 * The store cannot do what it was asked for. That says nothing about the run for which it was asked, which goes on from
 * its last commit when the store can: stores throw nothing else for reasons of their own.
 */
export abstract class StoreError extends WorkflowError {}

/** Another process, or another store in this one, has what serves one store at a time. */
export class StoreLockedError extends StoreError {
  readonly code = 'STORE_LOCKED';

  constructor(
    readonly path: string,
    advice: string,
  ) {
    super(
      `The workflow store ${path} is in use by another process, or by another store in this one: an application has its ` +
        `store until you close it with app.close(), even if its start has failed. ${advice}`,
    );
  }
}

/** The store cannot be opened as it is: its place, its contents, its settings or the account are wrong. */
export class StoreOpenError extends StoreError {
  readonly code = 'STORE_OPEN_FAILED';

  constructor(
    readonly place: string,
    cause: unknown,
    advice: string,
  ) {
    super(`The workflow store ${place} cannot be opened: ${reasonOf(cause)}. ${advice}`, { cause });
  }
}

/** The store was used before `open` or after `close`. */
export class StoreClosedError extends StoreError {
  readonly code = 'STORE_CLOSED';

  constructor() {
    super('The workflow store is not open. Call open() before it is used, and use nothing of it after close().');
  }
}

/** The disk is full, cannot be written, or fails. Nothing of the change was written. */
export class StoreWriteError extends StoreError {
  readonly code = 'STORE_WRITE_FAILED';

  constructor(
    readonly path: string,
    cause: unknown,
  ) {
    super(
      `The workflow store could not write ${path}: ${reasonOf(cause)}. Nothing of this change was kept, and nothing ` +
        'that was there before is lost. Make room on the disk, or let this process write there; calls work again then.',
      { cause },
    );
  }
}

/**
 * The store's server cannot be reached, or cannot write. A change that was under way may have been written; whoever
 * made it must not go on as if it knew. The next call tries again.
 */
export class StoreUnavailableError extends StoreError {
  readonly code = 'STORE_UNAVAILABLE';

  constructor(
    readonly place: string,
    cause: unknown,
  ) {
    super(
      `The workflow store ${place} cannot be reached, or cannot write: ${reasonOf(cause)}. Check that the server runs, ` +
        'accepts connections and has memory and disk left. Calls work again as soon as it does.',
      { cause },
    );
  }
}

/** Asks for a message rather than for an `Error`, since errors of other realms are none here. */
function reasonOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null || !('message' in cause)) return String(cause);
  // Node tries several addresses, and then has a message for each.
  if (cause.message === '' && 'errors' in cause && Array.isArray(cause.errors))
    return cause.errors.map(reasonOf).join(', ');
  // A sentence follows, and some of these are one themselves.
  return String(cause.message).replace(/\.$/, '');
}
