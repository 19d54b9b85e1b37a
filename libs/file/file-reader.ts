import { isNativeError } from 'node:util/types';
import { eventType, type HistoryCompacted, type HistoryEvent, type RunRecord } from '../core/index.js';
import { addCompacts } from './compacts.js';
import type { EndedRun, EndedRuns } from './ended-runs.js';
import { StoreCorruptError } from './errors.js';
import type { Layout } from './layout.js';
import { readChunks, readLines } from './lines.js';
import { parseLine, type RunLine } from './record.js';
import type { RunFiles } from './run-files.js';

/** How many histories are read in pages at a time, without looking for where the last page ended. */
const MOST_BOOKMARKS = 1_000;

/** Where the reading of a history stopped: behind which event, and in which line. */
interface Bookmark {
  readonly sequence: number;
  readonly at: number;
  /** Of a run that has ended: what was found in its file. */
  readonly compacts?: readonly HistoryCompacted[];
}

interface Place {
  readonly path: string;
  /** How much of the file counts. */
  readonly size?: number;
  /** Undefined if the file has to be asked. */
  readonly compacts?: readonly HistoryCompacted[];
}

/** Reads what is not kept in memory: histories, and the rows of runs that have ended. */
export class FileReader {
  private readonly bookmarks = new Map<string, Bookmark>();

  constructor(
    private readonly layout: Layout,
    private readonly files: RunFiles,
    private readonly ended: EndedRuns,
  ) {}

  async events(runId: string, after: number, limit: number): Promise<readonly HistoryEvent[]> {
    return (await this.atPlace(runId, (place) => this.readEvents(runId, place, after, limit))) ?? [];
  }

  async endedRow({ runId, rowAt }: EndedRun): Promise<RunRecord> {
    const row = await this.atPlace(runId, async ({ path }) => {
      for await (const { text } of readLines(path, rowAt)) return parseLine<RunLine>(text)?.row;
      return undefined;
    });
    if (row?.runId === runId) return row;
    throw new StoreCorruptError(this.placeOf(runId)?.path ?? runId, undefined, 'does not end with the end of its run');
  }

  private async readEvents(runId: string, { path, size, compacts: known }: Place, after: number, limit: number) {
    const bookmark = this.bookmarks.get(runId);
    const from = bookmark && bookmark.sequence <= after ? bookmark : { sequence: 0, at: 0 };
    this.bookmarks.delete(runId);
    const compacts = known ?? from.compacts ?? (await compactsIn(path));
    const visible = compaction(compacts);
    const events: HistoryEvent[] = [];
    let { sequence } = from;
    for await (const lines of readChunks(path, from.at, size)) {
      for (const { text, start } of lines) {
        const before = sequence;
        for (const event of eventsOf(path, text)) {
          if (event.sequence !== ++sequence)
            throw new StoreCorruptError(path, undefined, `has event ${event.sequence} where ${sequence} should be`);
          if (sequence <= after || events.length >= limit) continue;
          const shown = visible(event);
          if (shown) events.push(shown);
        }
        if (events.length < limit) continue;
        this.mark(runId, { sequence: before, at: start, compacts });
        return events;
      }
    }
    return events;
  }

  private mark(runId: string, bookmark: Bookmark): void {
    this.bookmarks.set(runId, bookmark);
    const [oldest] = this.bookmarks.keys();
    if (this.bookmarks.size > MOST_BOOKMARKS && oldest !== undefined) this.bookmarks.delete(oldest);
  }

  private placeOf(runId: string): Place | undefined {
    const file = this.files.get(runId);
    if (file) return file.size === 0 ? undefined : file;
    const ended = this.ended.get(runId);
    return ended && { path: this.layout.endedFile(ended), ...(!ended.isCompacted && { compacts: [] }) };
  }

  /** Once more if the file is put away in between. */
  private async atPlace<T>(runId: string, read: (place: Place) => Promise<T>): Promise<T | undefined> {
    const place = this.placeOf(runId);
    if (!place) return undefined;
    try {
      return await read(place);
    } catch (error) {
      if (!isMissing(error)) throw error;
      const next = this.placeOf(runId);
      if (next && next.path !== place.path) return read(next);
      throw new StoreCorruptError(place.path, undefined, 'is gone', GONE);
    }
  }
}

const GONE =
  'Restore it from a backup, or delete ended.jsonl while no process has the store open: it is made again without it.';

function eventsOf(path: string, text: string): readonly HistoryEvent[] {
  const line = parseLine<{ readonly events?: readonly { type: string }[] }>(text);
  const events = line?.events ?? [];
  for (const event of events) event.type = eventType(event.type);
  if (line) return events as readonly HistoryEvent[];
  throw new StoreCorruptError(path, undefined, `has a line that is not what was written there: ${text.slice(0, 80)}`);
}

function isMissing(error: unknown): boolean {
  return isNativeError(error) && 'code' in error && error.code === 'ENOENT';
}

async function compactsIn(path: string): Promise<readonly HistoryCompacted[]> {
  const compacts: HistoryCompacted[] = [];
  for await (const { text } of readLines(path)) addCompacts(compacts, parseLine<RunLine>(text)?.compacts);
  return compacts;
}

/** @returns a function that is asked for one event after another, and gives what is seen in its place */
function compaction(compacts: readonly HistoryCompacted[]): (event: HistoryEvent) => HistoryEvent | undefined {
  const inOrder = compacts.toSorted((a, b) => a.sequence - b.sequence);
  let next = 0;
  return (event) => {
    while ((inOrder[next]?.sequence ?? Infinity) < event.sequence) next++;
    const range = inOrder[next];
    if (!range || range.attributes.from > event.sequence) return event;
    return range.sequence === event.sequence ? range : undefined;
  };
}
