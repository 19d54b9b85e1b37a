import { findCurrentContext } from './context.js';
import type { EngineLogger } from './logger.js';

let users = 0;
let logger: EngineLogger;

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
  if (users++ === 0) process.on('unhandledRejection', onUnhandled);
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    if (--users === 0) process.off('unhandledRejection', onUnhandled);
  };
}

function onUnhandled(reason: unknown): void {
  const context = findCurrentContext();
  if (context) {
    const { runId, workflowName } = context;
    logger.debug(`a rejection in run ${runId} waits to be awaited`, { runId, workflow: workflowName, error: reason });
    return;
  }
  if (process.listenerCount('unhandledRejection') > 1 || isTolerant()) return; // others decide, or Node only warns
  throw reason instanceof Error
    ? reason
    : new Error(`Unhandled rejection with a reason that is no Error: ${String(reason)}`);
}

/** Whether the process was started with --unhandled-rejections=warn or none. */
function isTolerant(): boolean {
  const flags = `${process.env['NODE_OPTIONS'] ?? ''} ${process.execArgv.join(' ')}`;
  return /--unhandled-rejections[= ](warn|none)/.test(flags);
}
