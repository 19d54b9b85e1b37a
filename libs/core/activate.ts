import type { Execution } from './execution.js';
import { type EventDraft, type HistoryEvent, isAnsweredEvent, isOutcomeEvent } from './history-event.js';
import { record } from './record.js';
import type { RunState } from './run-state.js';
import { afterMacrotaskTurn, afterMicrotasksTogether, drainMicrotasks } from './turns.js';

/**
 * Gives a run its new outcomes, lets it go on until it has nothing more to ask for, and hands on the transcript:
 * outcome, the commands it caused, next outcome.
 *
 * It calls itself back: with `await`, each run would make dozens of promises more.
 *
 * @param now what the events are dated
 * @param goOn takes the transcript
 */
export function activate<Result>(
  execution: Execution,
  state: RunState,
  outcomes: readonly EventDraft[],
  now: number,
  goOn: (transcript: HistoryEvent[]) => Result | Promise<Result>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const transcript: HistoryEvent[] = [];
    let next = 0;
    let isOver = false;
    const proceed = (): void => {
      try {
        if (recordCommands(transcript, execution, state, now)) return afterMicrotasksTogether(proceed);
        if (execution.isSettled || isOver) return resolve(goOn(transcript));
        while (next < outcomes.length) {
          if (give(transcript, execution, state, outcomes[next++]!, now)) return afterMicrotasksTogether(proceed);
        }
        // A full macrotask turn without a new command: what comes later starts an activation of its own.
        afterMacrotaskTurn(() => {
          isOver = execution.log.isEmpty;
          proceed();
        });
      } catch (error) {
        reject(error as Error);
      }
    };
    afterMicrotasksTogether(proceed);
  });
}

/** @returns whether it is an outcome for the code, which may go on now */
function give(
  transcript: HistoryEvent[],
  execution: Execution,
  state: RunState,
  draft: EventDraft,
  now: number,
): boolean {
  if (!state.accepts(draft)) return false;
  const event = state.place(draft, now);
  state.apply(event);
  transcript.push(event);
  if (!isOutcomeEvent(event)) return false;
  execution.apply(event);
  return true;
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
