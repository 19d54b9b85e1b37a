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
  if (isEnded(state.status) || state.sequence < eventWarning) return [];
  if (
    Math.floor((state.sequence - eventWarning) / WARN_EVERY) !==
    Math.floor((state.sequence - added - eventWarning) / WARN_EVERY)
  ) {
    ports.logger.warn(
      `run ${state.runId} has ${state.sequence} events and fails at ${eventLimit}: split the work into several runs, or loop over fewer and larger steps`,
      { runId: state.runId, workflow: state.started.workflow },
    );
  }
  if (state.sequence < eventLimit) return [];
  const payload = ports.codec.encode(new EventLimitError(state.sequence, eventLimit));
  return record(state, { type: 'workflow.failed', payload }, now);
}
