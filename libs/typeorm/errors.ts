import { isNativeError } from 'node:util/types';
import { StoreError } from '../core/index.js';

/** Another process, or another store in this one, has the database file. */
export class StoreLockedError extends StoreError {
  readonly code = 'STORE_LOCKED';

  constructor(readonly path: string) {
    super(
      `The workflow database ${path} is in use by another process, or by another store in this one. ` +
        `Stop that process ("fuser ${path}.lock" names it), give this one a database file of its own, ` +
        'or use PostgreSQL to run several processes on one database.',
    );
  }
}

/** The database cannot be opened: its path, its directory, its contents or the account are wrong. */
export class StoreOpenError extends StoreError {
  readonly code = 'STORE_OPEN_FAILED';

  constructor(
    readonly path: string,
    cause: unknown,
    advice = 'Check that the path is right and that this process may write the file and its directory.',
  ) {
    super(`The workflow database ${path} cannot be opened: ${describe(cause)}. ${advice}`, { cause });
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
      `The workflow database ${path} cannot be written: ${describe(cause)}. Nothing of this change was kept, and nothing ` +
        'that was there before is lost. Make room on the disk, or let this process write there; calls work again then.',
      { cause },
    );
  }
}

/** The database was locked by somebody else's transaction for too long. Nothing was written. */
export class StoreBusyError extends StoreError {
  readonly code = 'STORE_BUSY';

  constructor(readonly waitedMs: number) {
    super(
      `The workflow database was inside somebody else's transaction for ${waitedMs} ms, so nothing was read or written. ` +
        'Keep transactions short, and do not wait for a workflow call inside a transaction on the same SQLite connection.',
    );
  }
}

/**
 * The database server cannot be reached. A change that was under way may have been written; whoever made it must not
 * go on as if it knew. The next call connects again.
 */
export class StoreUnavailableError extends StoreError {
  readonly code = 'STORE_UNAVAILABLE';

  constructor(
    readonly place: string,
    cause: unknown,
  ) {
    super(
      `The workflow database ${place} cannot be reached: ${describe(cause)}. ` +
        'Check that the server runs and accepts connections. Calls work again as soon as it does.',
      { cause },
    );
  }
}

/** A package that the chosen database needs is not installed. */
export class DriverMissingError extends StoreError {
  readonly code = 'DRIVER_MISSING';

  constructor(
    readonly packageName: string,
    readonly purpose: string,
    cause: unknown,
  ) {
    super(`${purpose} needs the package "${packageName}", which is not installed. Run: npm install ${packageName}`, {
      cause,
    });
  }
}

function describe(error: unknown): string {
  if (!isNativeError(error)) return String(error);
  // Node tries several addresses, and then has a message for each.
  if (error.message === '' && 'errors' in error && Array.isArray(error.errors))
    return error.errors.map(describe).join(', ');
  return error.message;
}
