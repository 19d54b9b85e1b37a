import { isNativeError } from 'node:util/types';
import { StoreError, WorkflowError } from '../core/index.js';

/** Another process, or another store in this one, has the directory. */
export class StoreLockedError extends StoreError {
  readonly code = 'STORE_LOCKED';

  constructor(readonly path: string) {
    super(
      `The workflow store ${path} is in use by another process, or by another store in this one. ` +
        'Stop that process, give this one a directory of its own, ' +
        'or use PostgreSQL to run several processes on one store.',
    );
  }
}

/** The store cannot be opened: its path, its contents or the account are wrong. */
export class StoreOpenError extends StoreError {
  readonly code = 'STORE_OPEN_FAILED';

  constructor(
    readonly path: string,
    cause: unknown,
    advice = 'Check that the path is right and that this process may write the directory and what is in it.',
  ) {
    super(`The workflow store ${path} cannot be opened: ${describe(cause)}. ${advice}`, { cause });
  }
}

/** The store was used before `open` or after `close`. */
export class StoreClosedError extends StoreError {
  readonly code = 'STORE_CLOSED';

  constructor() {
    super('The workflow store is not open. Call open() before it is used, and use nothing of it after close().');
  }
}

/** A change could not be written: the disk is full, or may not be written. Nothing of the change is in the store. */
export class StoreWriteError extends StoreError {
  readonly code = 'STORE_WRITE_FAILED';

  constructor(
    readonly path: string,
    cause: unknown,
  ) {
    super(
      `The workflow store could not write ${path}: ${describe(cause)}. Nothing of this change was kept, and nothing ` +
        'that was there before is lost. Make room on the disk, or let this process write there; calls work again then.',
      { cause },
    );
  }
}

/** A file of the store says something that the store did not write, or lacks what it wrote. */
export class StoreCorruptError extends WorkflowError {
  readonly code = 'STORE_CORRUPT';

  constructor(
    readonly path: string,
    readonly line: number | undefined,
    what: string,
    advice = 'Restore the file from a backup, or mend the line by hand while no process has the store open.',
  ) {
    super(`${path}${line === undefined ? '' : `, line ${line},`} ${what}. ${advice}`);
  }
}

function describe(error: unknown): string {
  return isNativeError(error) ? error.message : String(error);
}
