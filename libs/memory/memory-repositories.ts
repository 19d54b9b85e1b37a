import {
  EventRepository,
  type HistoryEvent,
  type HookRecord,
  HookRepository,
  type RunFilter,
  type RunPage,
  type RunRecord,
  RunRepository,
} from '../core/index.js';
import { matches, newestFirst, readCursor, type RunTables, writeCursor } from '../tables/index.js';

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
    matching.sort(newestFirst);
    const runs = matching.slice(0, filter.limit);
    const end = runs.at(-1);
    return end && matching.length > runs.length ? { runs, nextCursor: writeCursor(end) } : { runs };
  }
}

export class MemoryEventRepository extends EventRepository {
  constructor(private readonly histories: ReadonlyMap<string, readonly HistoryEvent[]>) {
    super();
  }

  override async load(runId: string, after: number, limit: number): Promise<readonly HistoryEvent[]> {
    // Sequences are 1..n without a gap: an event's index is its sequence less one.
    return this.histories.get(runId)?.slice(after, after + limit) ?? [];
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
