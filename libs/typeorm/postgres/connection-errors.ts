import { isNativeError } from 'node:util/types';

const UNREACHABLE_CODES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'ENOENT'],
  // The server shuts down, has crashed, or starts; the database is dropped under us; too many connections.
  ...['57P01', '57P02', '57P03', '57P04', '57P05', '53300'],
  // This process was silent for too long in the middle of a transaction.
  '25P03',
]);

/** `pg` gives these no code. */
const UNREACHABLE_MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|connection error and is not queryable|Client was closed/;

const CONFLICT_CODES = new Set(['40001', '40P01', '55P03']);

/** The connection failed, so that nobody knows whether what was under way has been done. */
export function isUnreachable(error: unknown): boolean {
  const code = codeOf(error);
  if (code === undefined) return isNativeError(error) && UNREACHABLE_MESSAGES.test(error.message);
  return UNREACHABLE_CODES.has(code) || code.startsWith('08');
}

/** A deadlock or the like: nothing was written, and it may go well the next time. */
export function isConflict(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && CONFLICT_CODES.has(code);
}

function codeOf(error: unknown): string | undefined {
  // Not `instanceof`: errors of Node are of another realm when this runs in a context of its own, as in Jest.
  return isNativeError(error) && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Somebody else did the same at the same time, and a second look will show it. */
export class OvertakenError extends Error {
  readonly code = '40001';
}
