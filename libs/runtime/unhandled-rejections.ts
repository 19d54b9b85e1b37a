import { findCurrentContext, leaveRun } from './context.js';
import type { EngineLogger } from './logger.js';

let users = 0;
let logger: EngineLogger;
/** Rejections of runs that wait to be awaited. */
const kept = new WeakSet<Promise<unknown>>();

/**
 * Keeps a rejection that workflow or step code has not awaited yet from ending the process.
 *
 * A workflow may call a helper and await it later; if the helper rejects first, the rejection is kept for the await.
 * Rejections that belong to no run keep Node's default.
 *
 * @returns a function that ends it
 */
export function attributeRejections(to: EngineLogger): () => void {
  logger = to;
  if (users++ === 0) process.on('unhandledRejection', onUnhandled).on('rejectionHandled', onHandled);
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    if (--users === 0) process.off('unhandledRejection', onUnhandled).off('rejectionHandled', onHandled);
  };
}

function onUnhandled(reason: unknown, promise: Promise<unknown>): void {
  const context = findCurrentContext();
  if (context) {
    kept.add(promise);
    const { runId, workflowName } = context;
    leaveRun(() =>
      logger.debug(`a rejection in run ${runId} waits to be awaited`, { runId, workflow: workflowName, error: reason }),
    );
    return;
  }
  if (process.listenerCount('unhandledRejection') > 1 || isTolerant()) return; // others decide, or Node only warns
  throw reason instanceof Error
    ? reason
    : new Error(`Unhandled rejection with a reason that is no Error: ${String(reason)}`);
}

/** Node warns of a rejection that is handled late, unless somebody listens: for those that were kept there is no reason to. */
function onHandled(promise: Promise<unknown>): void {
  if (kept.has(promise) || process.listenerCount('rejectionHandled') > 1) return;
  process.emitWarning('Promise rejection was handled asynchronously', 'PromiseRejectionHandledWarning');
}

/** Whether the process was started with --unhandled-rejections=warn or none. */
function isTolerant(): boolean {
  const flags = `${process.env['NODE_OPTIONS'] ?? ''} ${process.execArgv.join(' ')}`;
  return /--unhandled-rejections[= ](warn|none)/.test(flags);
}
