import { runInThisContext } from 'node:vm';
import { findCurrentContext } from '../../libs/runtime/index.js';

/** The process itself: Jest gives tests a copy, on which no such event is emitted. */
const host = runInThisContext('process') as NodeJS.Process;

let users = 0;

/**
 * Keeps Jest from failing a test over a rejection that workflow code is to await later.
 *
 * The engine keeps such a rejection from ending the process, and an execution that is put aside never awaits it: the
 * next replay does. Jest sees only that nobody handles it.
 *
 * @returns a function that ends it
 */
export function handleRejectionsOfWorkflows(): () => void {
  // Elsewhere the engine hears of them by itself, and another listener would take Node's default away.
  if (host === process) return () => {};
  if (users++ === 0) host.on('unhandledRejection', onUnhandled);
  let ended = false;
  return () => {
    if (!ended && --users === 0) host.off('unhandledRejection', onUnhandled);
    ended = true;
  };
}

function onUnhandled(_: unknown, promise: Promise<unknown>): void {
  if (findCurrentContext()?.kind === 'workflow') promise.catch(() => {});
}
