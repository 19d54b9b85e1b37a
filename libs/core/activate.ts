import type { Execution } from './execution.js';
import { type EventDraft, type HistoryEvent, isAnsweredEvent, isOutcomeEvent } from './history-event.js';
import { record } from './record.js';
import type { RunState } from './run-state.js';
import { drainMicrotasks, macrotaskTurn } from './turns.js';

/**
 * Gives a run its new outcomes, lets it go on until it has nothing more to ask for, and returns the transcript:
 * outcome, the commands it caused, next outcome.
 *
 * @param now what the events are dated
 */
export async function activate(
  execution: Execution,
  state: RunState,
  outcomes: readonly EventDraft[],
  now: number,
): Promise<HistoryEvent[]> {
  const transcript: HistoryEvent[] = [];
  const takeCommands = (): boolean => recordCommands(transcript, execution, state, now);
  await drainMicrotasks();
  while (takeCommands()) await drainMicrotasks();
  if (execution.isSettled) return transcript;
  for (const draft of outcomes) {
    if (!state.accepts(draft)) continue;
    const event = state.place(draft, now);
    state.apply(event);
    transcript.push(event);
    if (!isOutcomeEvent(event)) continue;
    execution.apply(event);
    await drainMicrotasks();
    while (takeCommands()) await drainMicrotasks();
    if (execution.isSettled) return transcript;
  }
  // A full macrotask turn without a new command: what comes later starts an activation of its own.
  do {
    while (takeCommands()) await drainMicrotasks();
    if (execution.isSettled) return transcript;
    await macrotaskTurn();
  } while (!execution.log.isEmpty);
  return transcript;
}

/** Shows the code outcomes that were committed before it could see them. */
export async function showCommitted(
  execution: Execution,
  state: RunState,
  events: readonly HistoryEvent[],
): Promise<void> {
  for (const event of events) {
    if (event.sequence <= state.sequence) continue;
    state.apply(event);
    if (!isOutcomeEvent(event)) continue;
    execution.apply(event);
    await drainMicrotasks();
  }
}

/**
 * Records what the code has asked for.
 *
 * @returns whether the code was given the outcome of one, such as a side effect, so that it may go on now: what it asks
 *   for comes behind the rest
 */
function recordCommands(transcript: HistoryEvent[], execution: Execution, state: RunState, now: number): boolean {
  for (let command = execution.log.next(); command; command = execution.log.next()) {
    transcript.push(...record(state, execution.completed(command), now));
    const event = transcript.at(-1)!;
    if (!isAnsweredEvent(event)) continue;
    // An outcome as well: the code sees it in its turn, as on replay.
    execution.answer(event);
    return true;
  }
  return false;
}
