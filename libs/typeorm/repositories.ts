import {
  EventRepository,
  type HistoryEvent,
  type HookRecord,
  HookRepository,
  pageOf,
  type RunFilter,
  type RunPage,
  type RunRecord,
  RunRepository,
} from '../core/index.js';
import type { SqlReader, StoreBackend } from './backend.js';
import { GatheredRead } from './gathered-read.js';
import { FIND_HOOK_BY_TOKEN, findRuns, LIST_HOOKS } from './reading-sql.js';
import { type HookRow, type RunRow, toHookRecord, toRunRecord } from './rows.js';
import { listRuns } from './run-list.js';

export class SqlRunRepository extends RunRepository {
  private readonly single: GatheredRead<RunRow, RunRecord | undefined>;

  constructor(private readonly reader: SqlReader) {
    super();
    this.single = new GatheredRead(reader, findRuns, ([row]) => row && toRunRecord(row));
  }

  override get(runId: string): Promise<RunRecord | undefined> {
    return this.single.of(runId);
  }

  override async list(filter: RunFilter): Promise<RunPage> {
    const { sql, parameters } = listRuns(filter);
    const rows = await this.reader.query<RunRow>(sql, parameters);
    return pageOf(rows.map(toRunRecord), filter.limit);
  }
}

export class SqlEventRepository extends EventRepository {
  constructor(private readonly backend: () => StoreBackend) {
    super();
  }

  override async load(runId: string, after: number, limit: number): Promise<readonly HistoryEvent[]> {
    return this.backend().loadEvents(runId, after, limit);
  }
}

export class SqlHookRepository extends HookRepository {
  constructor(private readonly reader: SqlReader) {
    super();
  }

  override async findByToken(token: string): Promise<HookRecord | undefined> {
    const [row] = await this.reader.query<HookRow>(FIND_HOOK_BY_TOKEN, [token]);
    return row && toHookRecord(row);
  }

  override async list(runId: string): Promise<readonly HookRecord[]> {
    const rows = await this.reader.query<HookRow>(LIST_HOOKS, [runId]);
    return rows.map(toHookRecord);
  }
}
