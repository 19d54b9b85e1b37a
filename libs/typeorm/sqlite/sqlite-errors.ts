/** True if another connection has a lock that a statement needs. */
export function isBusy(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_BUSY');
}

/** True if the database cannot be written, whatever the change. */
export function isOfTheDisk(error: unknown): boolean {
  return /^SQLITE_(?:FULL|READONLY|IOERR|CANTOPEN)/.test(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
