import { AsyncLocalStorage } from 'node:async_hooks';
import { findCurrentContext } from '../../runtime/index.js';

const references = new AsyncLocalStorage<true>();

/** Runs programs outside of the engine: what they do not await in time is their own business. */
export function asReference<T>(body: () => T): T {
  return references.run(true, body);
}

/**
 * Tells about rejections that nobody handles and that belong to no run: those are faults of the engine.
 *
 * @returns a function that ends it
 */
export function watchRejections(tell: (reason: unknown) => void): () => void {
  const onUnhandled = (reason: unknown): void => {
    if (!references.getStore() && !findCurrentContext()) tell(reason);
  };
  const onHandledAfterAll = (): void => {}; // Node warns about it otherwise
  process.on('unhandledRejection', onUnhandled).on('rejectionHandled', onHandledAfterAll);
  return () => void process.off('unhandledRejection', onUnhandled).off('rejectionHandled', onHandledAfterAll);
}
