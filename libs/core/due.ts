import type { OutcomeDraft } from './history-event.js';
import { isEnded } from './run-record.js';
import type { RunState } from './run-state.js';

/** An outcome, and when it came about. */
export interface TimedOutcome {
  readonly at: number;
  readonly draft: OutcomeDraft;
}

/**
 * The earliest time at which a run has something to do by itself; undefined if it waits for others only.
 *
 * @param owedUntil retries due by then are passed over, since they have been handed out
 */
export function nextDueAt(state: RunState, owedUntil = -Infinity): number | undefined {
  let earliest = deadlineOf(state) ?? Infinity;
  for (const fireAt of state.timers.values()) earliest = Math.min(earliest, fireAt);
  for (const hook of state.hooks.values()) earliest = Math.min(earliest, hook.expiresAt ?? Infinity);
  for (const { exhausted, retryAt = -Infinity } of state.steps.values())
    if (!exhausted && retryAt > owedUntil) earliest = Math.min(earliest, retryAt);
  return earliest === Infinity ? undefined : earliest;
}

/** What time alone has brought about by `now`: fired timers, expired hooks, a passed deadline; the earliest first. */
export function dueOutcomes(state: RunState, now: number): TimedOutcome[] {
  const due: TimedOutcome[] = [];
  for (const [id, fireAt] of state.timers) {
    if (fireAt <= now) due.push({ at: fireAt, draft: { type: 'sleep.completed', id } });
  }
  for (const { id, expiresAt } of state.hooks.values()) {
    if (expiresAt !== undefined && expiresAt <= now) due.push({ at: expiresAt, draft: { type: 'hook.expired', id } });
  }
  const deadline = deadlineOf(state);
  if (deadline !== undefined && deadline <= now) due.push({ at: deadline, draft: { type: 'workflow.timed_out' } });
  return due.sort((a, b) => a.at - b.at);
}

function deadlineOf(state: RunState): number | undefined {
  return isEnded(state.status) || state.timedOut || state.cancelRequested ? undefined : state.started.deadline;
}
