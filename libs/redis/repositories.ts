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
import { escaped, unescaped } from './escaped-text.js';
import { listRuns } from './list-runs.js';
import type { RedisReader } from './redis-reader.js';
import { type RunRow, toEvent, toHookRecord, toHookRecords, toRunRecord } from './rows.js';
import { RUN_FIELDS } from './scripts/shared.js';

export class RedisRunRepository extends RunRepository {
  constructor(private readonly reader: RedisReader) {
    super();
  }

  override async get(runId: string): Promise<RunRecord | undefined> {
    const row = await this.reader.read('HMGET', ['run', escaped(runId)], ...RUN_FIELDS);
    return toRunRecord(runId, row as RunRow);
  }

  override async list(filter: RunFilter): Promise<RunPage> {
    return listRuns(this.reader, filter);
  }
}

export class RedisEventRepository extends EventRepository {
  constructor(private readonly reader: RedisReader) {
    super();
  }

  override async load(runId: string, after: number, limit: number): Promise<readonly HistoryEvent[]> {
    const events: HistoryEvent[] = [];
    // An event's index is its sequence less one. In the place of one that was compacted is the sequence that stands for it.
    for (let from = after; events.length < limit;) {
      const last = Math.min(from + limit - events.length, Number.MAX_SAFE_INTEGER) - 1;
      const rows = (await this.reader.read('LRANGE', ['events', escaped(runId)], from, last)) as readonly string[];
      let index = 0;
      for (let row = rows[0]; row !== undefined; row = rows[index]) {
        if (row.startsWith('[')) events.push(toEvent(row, from + ++index));
        else index = Number(row) - 1 - from;
      }
      const isEnd = from + index <= last && index <= rows.length;
      if (isEnd) break;
      from += index;
    }
    return events;
  }
}

export class RedisHookRepository extends HookRepository {
  constructor(private readonly reader: RedisReader) {
    super();
  }

  override async findByToken(token: string): Promise<HookRecord | undefined> {
    const holder = await this.reader.read('HGET', 'tokens', escaped(token));
    if (holder === null) return undefined;
    const [run = '', id = ''] = (holder as string).split('\n');
    const row = await this.reader.read('HGET', ['hooks', run], id);
    return row === null ? undefined : toHookRecord(unescaped(run), unescaped(id), row as string);
  }

  override async list(runId: string): Promise<readonly HookRecord[]> {
    const fields = await this.reader.read('HGETALL', ['hooks', escaped(runId)]);
    return toHookRecords(runId, fields as readonly string[]);
  }
}
