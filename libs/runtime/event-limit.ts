import { EventLimitError, type HistoryEvent, isEnded, record, type RunState } from '../core/index.js';
import type { EnginePorts } from './ports.js';

/** Warns about each hundred events beyond this one. */
const WARN_EVERY = 100;

/**
 * Warns about a history that grows long, and ends a run whose history is too long.
 *
 * @param added how many events have just been added
 * @returns the events that end the run, or none
 */
export function endAtEventLimit(ports: EnginePorts, state: RunState, added: number, now: number): HistoryEvent[] {
  const { eventWarning, eventLimit } = ports.options;
  const { held } = state;
  if (isEnded(state.status) || held < eventWarning) return [];
  if (Math.floor((held - eventWarning) / WARN_EVERY) !== Math.floor((held - added - eventWarning) / WARN_EVERY)) {
    ports.logger.warn(
      `the history of run ${state.runId} holds ${held} events, and it fails at ${eventLimit}: call checkpoint() in its loop, split the work into several runs, or loop over fewer and larger steps`,
      { runId: state.runId, workflow: state.started.workflow },
    );
  }
  if (held < eventLimit) return [];
  const payload = ports.codec.encode(new EventLimitError(held, eventLimit));
  return record(state, { type: 'workflow.failed', payload }, now);
}
