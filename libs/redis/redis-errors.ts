import { isNativeError } from 'node:util/types';

/** The server is there and cannot do it now: it starts, it has become a replica, or its memory or its disk is full. */
const UNABLE = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|BUSY|OOM|MISCONF)\b/;

/** The account or its password is wrong, or may not do what a store does. */
const FORBIDDEN = /^(WRONGPASS|NOAUTH|NOPERM)\b|invalid password|no password is set/;

/** ioredis gives these no code. */
const DISCONNECTED =
  /^(Connection is closed|Stream isn't writeable|Reached the max retries|Command aborted|Socket timeout)/;

/** The server cannot be reached or cannot write; whether what was under way has been done is open. */
export function isUnreachable(error: unknown): boolean {
  if (!isNativeError(error)) return false;
  if (isReply(error)) return UNABLE.test(error.message);
  return DISCONNECTED.test(error.message) || isOfTheSystem(error);
}

/** Such as ECONNRESET, ETIMEDOUT or EAI_AGAIN. */
function isOfTheSystem(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && /^(E[A-Z]+|EAI_\w+)$/.test(error.code);
}

export function isForbidden(error: unknown): boolean {
  return isNativeError(error) && FORBIDDEN.test(error.message);
}

/** The server does not have the script yet, or not any more. */
export function isUnknownScript(error: unknown): boolean {
  return isNativeError(error) && error.message.startsWith('NOSCRIPT');
}

/** An answer of the server, which has done nothing. */
function isReply(error: Error): boolean {
  return error.name === 'ReplyError';
}
