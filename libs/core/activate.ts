import type { Execution } from './execution.js';
import { type Command, type EventDraft, type HistoryEvent, isOutcomeEvent } from './history-event.js';
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
  await drainMicrotasks();
  const transcript = await takeCommands(execution, state, now);
  if (execution.isSettled) return transcript;
  for (const draft of outcomes) {
    if (!state.accepts(draft)) continue;
    const event = state.place(draft, now);
    state.apply(event);
    transcript.push(event);
    if (!isOutcomeEvent(event)) continue;
    execution.apply(event);
    await drainMicrotasks();
    transcript.push(...(await takeCommands(execution, state, now)));
    if (execution.isSettled) return transcript;
  }
  await untilQuiet(execution, state, now, transcript);
  return transcript;
}

/** A full macrotask turn without a new command: what comes later starts an activation of its own. */
async function untilQuiet(
  execution: Execution,
  state: RunState,
  now: number,
  transcript: HistoryEvent[],
): Promise<void> {
  do {
    transcript.push(...(await takeCommands(execution, state, now)));
    if (execution.isSettled) return;
    await macrotaskTurn();
  } while (!execution.log.isEmpty);
}

async function takeCommands(execution: Execution, state: RunState, now: number): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  while (!execution.log.isEmpty) {
    for (const command of execution.log.take()) {
      if (isEnd(command))
        for (const id of [...state.steps.keys()]) record(events, state, { type: 'step.cancelled', id }, now);
      record(events, state, command, now);
      if (command.type !== 'side_effect.recorded') continue;
      // An outcome as well: the code sees it in its turn, as on replay.
      execution.applySideEffect(command);
      await drainMicrotasks();
    }
  }
  return events;
}

function record(events: HistoryEvent[], state: RunState, draft: EventDraft, now: number): void {
  const event = state.place(draft, now);
  state.apply(event);
  events.push(event);
}

function isEnd(command: Command): boolean {
  return (
    command.type === 'workflow.completed' || command.type === 'workflow.failed' || command.type === 'workflow.cancelled'
  );
}
