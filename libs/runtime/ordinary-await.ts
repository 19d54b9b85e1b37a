import { callerOf, type RunState } from '../core/index.js';
import type { EngineLogger } from './logger.js';

/** Places that have been reported; each is reported once, and no more than so many. */
const reported = new Set<string>();
const MOST_REPORTED = 1_000;

/**
 * Reports that workflow code went on after awaiting something that is not durable, with the line that it went on at.
 *
 * Called from within the primitive that the code went on to.
 */
export function reportOrdinaryAwait(logger: EngineLogger, state: RunState): void {
  const location = callerOf(new Error().stack);
  if (reported.has(location) || reported.size >= MOST_REPORTED) return;
  reported.add(location);
  logger.warn(
    `workflow "${state.started.workflow}" went on at ${location} after awaiting something that is not durable, ` +
      'which a replay does again: move such work into a step, or into sideEffect()',
    { runId: state.runId, workflow: state.started.workflow },
  );
}
