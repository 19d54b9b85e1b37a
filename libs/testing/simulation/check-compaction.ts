import { isDeepStrictEqual } from 'node:util';
import { type HistoryCompacted, type HistoryEvent, RunState } from '../../core/index.js';

/** What may be compacted of code without checkpoints: it never sees it. */
const BOOKKEEPING: ReadonlySet<string> = new Set(['step.retrying', 'step.lost']);

function mayBeGone({ type }: HistoryEvent, { attributes }: HistoryCompacted): boolean {
  return attributes.checkpoint === undefined ? BOOKKEEPING.has(type) : !type.startsWith('workflow.');
}

/**
 * Compares what a store has of a history with all that was written.
 *
 * @returns what is missing, wrong, or understood otherwise; undefined if nothing
 */
export function compactionFault(stored: readonly HistoryEvent[], written: readonly HistoryEvent[]): string | undefined {
  let end = 0;
  for (const event of stored) {
    const first = event.type === 'history.compacted' ? event.attributes.from : event.sequence;
    if (first !== end + 1) return `event ${end + 1} is missing in the store`;
    end = event.sequence;
    const last = written[end - 1];
    if (event.type !== 'history.compacted') {
      if (!isDeepStrictEqual(event, last)) return `event ${end} was ${last?.type} and is ${event.type}`;
      continue;
    }
    const gone = written.slice(first - 1, end).find((each) => !mayBeGone(each, event));
    if (gone) return `event ${gone.sequence} was compacted, which is ${gone.type}`;
    if (event.at !== last?.at) return `event ${end} was at ${last?.at} and is at ${event.at}`;
  }
  if (end !== written.length) return `event ${end + 1} is missing in the store`;
  const [understood, expected] = [factsOf(stored), factsOf(written)];
  return isDeepStrictEqual(understood, expected)
    ? undefined
    : `its history says ${JSON.stringify(understood)} and said ${JSON.stringify(expected)}`;
}

/** What is open at the end of a history, and what the run has come to. */
function factsOf(events: readonly HistoryEvent[]): object {
  const state = new RunState('');
  for (const event of events) state.apply(event);
  const { superseded: _, steps, timers, hooks, ...facts } = state;
  return { ...facts, steps: [...steps], timers: [...timers], hooks: [...hooks] };
}
