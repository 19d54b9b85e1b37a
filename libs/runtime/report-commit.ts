import { type HistoryEvent, isEnded, type RunState } from '../core/index.js';
import type { Counters } from './counters.js';

/** Counts a commit that was written, and whether the run ends or halts with it. */
export function reportCommit(counters: Counters, state: RunState, events: readonly HistoryEvent[]): void {
  counters.onCommit();
  const { status, started } = state;
  if (status === 'running') return;
  if (isEnded(status)) counters.onRunEnd(started.workflow, status, state.at - state.startedAt);
  // A halted run still takes the outcomes of attempts that ran on.
  else if (events.some(halts)) counters.onRunHalt(started.workflow, status);
}

function halts({ type }: HistoryEvent): boolean {
  return type === 'workflow.blocked' || type === 'workflow.paused' || type === 'step.exhausted';
}
