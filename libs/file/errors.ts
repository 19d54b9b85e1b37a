import { StoreOpenError, WorkflowError } from '../core/index.js';

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

/** What to throw for what was thrown while a store was opened. */
export function openingError(path: string, error: unknown): unknown {
  if (error instanceof WorkflowError) return error;
  return new StoreOpenError(
    path,
    error,
    'Check that the path is right and that this process may write the directory and what is in it.',
  );
}
