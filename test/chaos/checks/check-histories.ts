import type { EventRow, Histories } from './history.js';

const ENDS = new Set(['workflow.completed', 'workflow.failed', 'workflow.cancelled']);
const STEP_OUTCOMES = new Set(['step.completed', 'step.failed', 'step.cancelled']);

/** Sequences are dense, the end is the last event, and each step call has one outcome, of an attempt that was not lost. */
export function checkHistories(histories: Histories): string[] {
  return [...histories].flatMap(([runId, history]) => [
    ...checkOrder(history).map((fault) => `${runId}: ${fault}`),
    ...checkSteps(history).map((fault) => `${runId}: ${fault}`),
  ]);
}

function checkOrder(history: readonly EventRow[]): string[] {
  const faults: string[] = [];
  history.forEach(({ sequence, at }, index) => {
    if (sequence !== index + 1) faults.push(`event ${index + 1} has the sequence ${sequence}`);
    if (index > 0 && at < history[index - 1]!.at) faults.push(`event ${sequence} is older than its predecessor`);
  });
  const ends = history.filter(({ type }) => ENDS.has(type));
  if (ends.length !== 1) faults.push(`it has ${ends.length} ends`);
  if (ends.length > 0 && ends[0] !== history.at(-1)) faults.push(`an event follows ${ends[0]!.type}`);
  return faults;
}

function checkSteps(history: readonly EventRow[]): string[] {
  const faults: string[] = [];
  for (const { ref } of history.filter(({ type }) => type === 'step.scheduled')) {
    const own = history.filter((event) => event.ref === ref);
    const outcomes = own.filter(({ type }) => STEP_OUTCOMES.has(type));
    if (outcomes.length !== 1) {
      faults.push(`step call ${ref} has ${outcomes.length} outcomes`);
    }
    const superseded = new Set(own.flatMap(({ type, attempt }) => (type === 'step.lost' ? [attempt] : [])));
    const [outcome] = outcomes;
    if (outcome && outcome.attempt !== null && superseded.has(outcome.attempt)) {
      faults.push(`the outcome of ${ref} is that of attempt ${outcome.attempt}, which was superseded`);
    }
  }
  return faults;
}
