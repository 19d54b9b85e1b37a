import { StoreError } from '../core/index.js';

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
