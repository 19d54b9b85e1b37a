import type { HistoryEvent } from '../../core/index.js';
import type { SqlReader } from '../backend.js';
import { GatheredRead } from '../gathered-read.js';
import { findFirstEvents, LOAD_EVENTS } from '../reading-sql.js';
import { type EventRow, toEvent } from '../rows.js';

interface EventOfRun extends EventRow {
  readonly run_id: string;
}

/** Reads histories: the beginnings of those that are asked for in one turn with one statement. */
export class EventReader {
  /** By how many are read of each: those who bring runs into memory ask for the same number, many at a time. */
  private readonly beginnings = new Map<number, GatheredRead<EventOfRun>>();

  constructor(private readonly reader: SqlReader) {}

  async load(runId: string, after: number, limit: number): Promise<readonly HistoryEvent[]> {
    const rows =
      after === 0
        ? await this.beginning(limit).of(runId)
        : await this.reader.query<EventRow>(LOAD_EVENTS, [runId, after, limit]);
    return rows.map(toEvent);
  }

  private beginning(limit: number): GatheredRead<EventOfRun> {
    let read = this.beginnings.get(limit);
    if (!read) this.beginnings.set(limit, (read = new GatheredRead(this.reader, findFirstEvents, [limit])));
    return read;
  }
}
