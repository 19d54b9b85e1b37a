import type { HistoryEvent } from '../../core/index.js';
import type { SqlReader } from '../backend.js';
import { GatheredRead } from '../gathered-read.js';
import { LOAD_EVENTS } from '../reading-sql.js';
import { type EventRow, toEvent } from '../rows.js';

/** The first events of each run. Parameters after the list: how many of each, since compacted histories have gaps. */
const findFirstEvents = (list: string): string => `
  WITH asked AS MATERIALIZED (SELECT run_id FROM workflow_run WHERE run_id IN (${list}))
  SELECT event.* FROM asked CROSS JOIN LATERAL (
    SELECT run_id, sequence, at, type, ref, payload, attributes FROM workflow_event
    WHERE run_id = asked.run_id ORDER BY sequence LIMIT ?) AS event
  ORDER BY event.run_id, event.sequence`;

interface EventOfRun extends EventRow {
  readonly run_id: string;
}

function toEvents(rows: readonly EventOfRun[]): readonly HistoryEvent[] {
  return rows.map(toEvent);
}

/** Reads histories: the beginnings of those that are asked for in one turn with one statement. */
export class EventReader {
  /** By how many are read of each: those who bring runs into memory ask for the same number, many at a time. */
  private readonly beginnings = new Map<number, GatheredRead<EventOfRun, readonly HistoryEvent[]>>();

  constructor(private readonly reader: SqlReader) {}

  async load(runId: string, after: number, limit: number): Promise<readonly HistoryEvent[]> {
    if (after === 0) return this.beginning(limit).of(runId);
    return (await this.reader.query<EventRow>(LOAD_EVENTS, [runId, after, limit])).map(toEvent);
  }

  private beginning(limit: number): GatheredRead<EventOfRun, readonly HistoryEvent[]> {
    let read = this.beginnings.get(limit);
    if (!read) this.beginnings.set(limit, (read = new GatheredRead(this.reader, findFirstEvents, toEvents, [limit])));
    return read;
  }
}
