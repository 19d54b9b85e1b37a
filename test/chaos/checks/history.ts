import type { Database } from '../driver/database.js';

export interface EventRow {
  readonly run_id: string;
  readonly sequence: number;
  readonly type: string;
  readonly at: number;
  readonly ref: string | null;
  readonly attempt: number | null;
}

export type Histories = ReadonlyMap<string, readonly EventRow[]>;

/** All histories, from the tables themselves. */
export async function loadHistories(database: Database): Promise<Histories> {
  const rows = await database.query<EventRow>(
    `SELECT run_id, sequence, type, at::float8 AS at, ref, (attributes::json ->> 'attempt')::int AS attempt
     FROM workflow_event ORDER BY run_id, sequence`,
  );
  const histories = new Map<string, EventRow[]>();
  for (const row of rows) {
    const history = histories.get(row.run_id) ?? [];
    history.push(row);
    histories.set(row.run_id, history);
  }
  return histories;
}
