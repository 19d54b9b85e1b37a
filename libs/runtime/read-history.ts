import { type EventRepository, type HistoryEvent, InvalidInputError, type RunRecord } from '../core/index.js';

/** How many events are read at once at first, when nobody knows how large they are. */
const FIRST_EVENTS = 100;

/** How many events are read at once at most. */
const MOST_EVENTS = 1_000;

/** How much a page should hold: a thousand events of ordinary size, or a few large ones. */
const PAGE_CHARACTERS = 1024 * 1024;

/**
 * The history of a run, in pages. While one is looked at, the next one is being read: there are never more than two.
 *
 * @throws InvalidInputError if events are missing
 */
export async function* readHistory(
  events: EventRepository,
  { runId, sequence: end }: Pick<RunRecord, 'runId' | 'sequence'>,
): AsyncGenerator<readonly HistoryEvent[], void, undefined> {
  let sequence = 0;
  let next: Promise<readonly HistoryEvent[]> | undefined = events.load(runId, 0, FIRST_EVENTS);
  while (next) {
    const page: readonly HistoryEvent[] = await next;
    const last = page.at(-1);
    if (!last) {
      throw new InvalidInputError(
        `The history of run ${runId} ends at event ${sequence}, though its row says ${end}: the store has lost events. Restore them from a backup, then resume the run.`,
      );
    }
    sequence = last.sequence;
    next = sequence < end ? events.load(runId, sequence, lengthAfter(page)) : undefined;
    next?.catch(() => {}); // whoever asks for it is told
    yield page;
  }
}

/** So many that a page of such events has the right size. */
function lengthAfter(page: readonly HistoryEvent[]): number {
  let characters = 0;
  for (const event of page) if ('payload' in event) characters += event.payload.length;
  const most = Math.floor((PAGE_CHARACTERS * page.length) / Math.max(1, characters));
  return Math.min(MOST_EVENTS, Math.max(1, most));
}
