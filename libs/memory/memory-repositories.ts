import {
  EventRepository,
  type HistoryEvent,
  type HookRecord,
  HookRepository,
  InvalidInputError,
  type RunFilter,
  type RunPage,
  type RunRecord,
  RunRepository,
} from '../core/index.js';
import type { MemoryTables } from './memory-tables.js';

export class MemoryRunRepository extends RunRepository {
  constructor(private readonly tables: MemoryTables) {
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
  constructor(private readonly tables: MemoryTables) {
    super();
  }

  override async load(runId: string, after: number, limit: number): Promise<readonly HistoryEvent[]> {
    // Sequences are 1..n without a gap: an event's index is its sequence less one.
    return this.tables.runs.get(runId)?.events.slice(after, after + limit) ?? [];
  }
}

export class MemoryHookRepository extends HookRepository {
  constructor(private readonly tables: MemoryTables) {
    super();
  }

  override async findByToken(token: string): Promise<HookRecord | undefined> {
    return this.tables.hooksByToken.get(token)?.record;
  }

  override async list(runId: string): Promise<readonly HookRecord[]> {
    return [...(this.tables.runs.get(runId)?.hooks.values() ?? [])].map((hook) => hook.record);
  }
}

function matches(run: RunRecord, filter: RunFilter): boolean {
  return (
    (filter.status?.includes(run.status) ?? true) &&
    (filter.workflow ?? run.workflow) === run.workflow &&
    (filter.tags?.every((tag) => run.tags.includes(tag)) ?? true) &&
    run.createdAt > (filter.createdAfter ?? -Infinity) &&
    run.createdAt < (filter.createdBefore ?? Infinity)
  );
}

type Position = Pick<RunRecord, 'createdAt' | 'runId'>;

function newestFirst(a: Position, b: Position): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt;
  if (a.runId === b.runId) return 0;
  return a.runId < b.runId ? 1 : -1;
}

function writeCursor({ createdAt, runId }: Position): string {
  return Buffer.from(JSON.stringify([createdAt, runId])).toString('base64url');
}

function readCursor(cursor: string): Position {
  const [createdAt, runId] = parseArray(Buffer.from(cursor, 'base64url').toString());
  if (typeof createdAt === 'number' && typeof runId === 'string') return { createdAt, runId };
  throw new InvalidInputError(`"${cursor}" is no cursor of a list of runs. Pass the nextCursor of the page before.`);
}

function parseArray(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
