import type { HistoryCompacted, HistoryEvent } from './history-event.js';
import { isOutcomeEvent } from './history-event.js';
import { draftOf, TestRun, type TestOptions, type TestWorkflow } from './core.spec-helpers.js';
import type { EventDraft } from './history-event.js';
import { RunState } from './run-state.js';

/** What a store has after it has replaced events. */
export function replaced(stored: readonly HistoryEvent[], compacts: readonly HistoryCompacted[]): HistoryEvent[] {
  const isGone = ({ sequence }: HistoryEvent): boolean =>
    compacts.some((event) => event.attributes.from <= sequence && sequence <= event.sequence);
  return [...stored.filter((event) => !isGone(event)), ...compacts].sort((a, b) => a.sequence - b.sequence);
}

export function stateOf(events: readonly HistoryEvent[]): RunState {
  const state = new RunState('run-1');
  for (const event of events) state.apply(event);
  return state;
}

/** What is left of a history that was compacted up to each of these sequences, one after another. */
export function compactedHistory(history: readonly HistoryEvent[], ...throughs: readonly number[]): HistoryEvent[] {
  let stored = [...history];
  for (const through of throughs) stored = replaced(stored, stateOf(stored).superseded.compact(through));
  return stored;
}

/** A run that is dated by its outcomes, each a hundred after the one before. */
export async function livedThrough(
  workflow: TestWorkflow,
  outcomes: readonly (EventDraft | readonly EventDraft[])[],
  options: TestOptions = {},
): Promise<TestRun> {
  const run = await TestRun.start(workflow, options);
  for (const [index, outcome] of outcomes.entries()) {
    run.now = (index + 1) * 100;
    await run.activate(...[outcome].flat());
  }
  return run;
}

/** What a run does that is taken up from a stored history, when the rest of what the world has told it comes. */
export async function goOnFrom(
  workflow: TestWorkflow,
  stored: readonly HistoryEvent[],
  rest: readonly HistoryEvent[],
  options: TestOptions = {},
): Promise<{ readonly run: TestRun; readonly transcript: readonly EventDraft[] }> {
  const run = await TestRun.replay(workflow, stored, options);
  const transcript: EventDraft[] = [];
  const told = rest.filter((event) => isOutcomeEvent(event) || !isFromCode(event));
  // What the code asks for at once is dated as its neighbours are.
  run.now = rest[0]?.at ?? run.state.at;
  transcript.push(...(await run.activate()));
  for (const event of told) {
    run.now = event.at;
    transcript.push(...(await run.activate(draftOf(event))));
  }
  return { run, transcript };
}

/** Commands, and the end that follows from them. */
function isFromCode({ type }: HistoryEvent): boolean {
  return !/^(step\.(retrying|lost|exhausted)|workflow\.(blocked|paused|resumed))$/.test(type);
}
