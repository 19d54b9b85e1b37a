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

/** An event's index is its sequence less one. There is nothing in the places of compacted events but the last. */
export type History = (HistoryEvent | undefined)[];

/** Puts an event in the place of those that it tells of. */
export function compact(history: History, event: HistoryCompacted): void {
  history.fill(undefined, event.attributes.from - 1, event.sequence);
  history[event.sequence - 1] = event;
}

export class MemoryEventRepository extends EventRepository {
  constructor(private readonly histories: ReadonlyMap<string, History>) {
    super();
  }

  override async load(runId: string, after: number, limit: number): Promise<readonly HistoryEvent[]> {
    const history = this.histories.get(runId) ?? [];
    const events: HistoryEvent[] = [];
    for (let index = after; index < history.length && events.length < limit; index++) {
      const event = history[index];
      if (event) events.push(event);
    }
    return events;
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
