import {
  EventRepository,
  type HistoryCompacted,
  type HistoryEvent,
  type HookRecord,
  HookRepository,
  pageOf,
  readCursor,
  type RunFilter,
  type RunPage,
  type RunRecord,
  RunRepository,
} from '../core/index.js';
import { matches, newestFirst, type RunTables } from '../tables/index.js';

export class MemoryRunRepository extends RunRepository {
  constructor(private readonly tables: RunTables) {
    super();
  }

  override async get(runId: string): Promise<RunRecord | undefined> {
    return this.tables.runs.get(runId)?.record;
  }

  override async list(filter: RunFilter): Promise<RunPage> {
    const last = filter.cursor === undefined ? undefined : readCursor(filter.cursor);
    const matching: RunRecord[] = [];
    for (const { record } of this.tables.runs.values()) {
      if (matches(record, filter) && (!last || newestFirst(record, last) > 0)) matching.push(record);
    }
    return pageOf(matching.sort(newestFirst), filter.limit);
  }
}

/** In order of their sequences, with gaps where events were compacted. */
export type History = HistoryEvent[];

/** Puts an event in the place of those that it tells of. */
export function compact(history: History, event: HistoryCompacted): void {
  const first = placeAfter(history, event.attributes.from - 1);
  history.splice(first, placeAfter(history, event.sequence) - first, event);
}

/** The index of the first event behind a sequence. */
function placeAfter(history: History, sequence: number): number {
  let low = 0;
  let high = history.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (history[middle]!.sequence > sequence) high = middle;
    else low = middle + 1;
  }
  return low;
}

export class MemoryEventRepository extends EventRepository {
  constructor(private readonly histories: ReadonlyMap<string, History>) {
    super();
  }

  override async load(runId: string, after: number, limit: number): Promise<readonly HistoryEvent[]> {
    const history = this.histories.get(runId) ?? [];
    const first = placeAfter(history, after);
    return history.slice(first, first + limit);
  }
}

export class MemoryHookRepository extends HookRepository {
  constructor(private readonly tables: RunTables) {
    super();
  }

  override async findByToken(token: string): Promise<HookRecord | undefined> {
    return this.tables.hookOf(token)?.record;
  }

  override async list(runId: string): Promise<readonly HookRecord[]> {
    return [...(this.tables.runs.get(runId)?.hooks.values() ?? [])].map((hook) => hook.record);
  }
}
