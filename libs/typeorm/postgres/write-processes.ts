import type { ProcessRecord } from '../../core/index.js';
import { processColumns, type ProcessRow, toProcessRecord } from '../rows.js';
import type { PostgresDatabase } from './postgres-database.js';

type Query = PostgresDatabase['query'];

const ANNOUNCE = `
  INSERT INTO workflow_process (owner, role, workflows, steps, until) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (owner) DO UPDATE SET role = excluded.role, workflows = excluded.workflows, steps = excluded.steps,
    until = excluded.until
  RETURNING (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint AS now`;

const LIST = `
  WITH gone AS (DELETE FROM workflow_process WHERE until <= $1)
  SELECT owner, role, workflows, steps, until FROM workflow_process WHERE until > $1 ORDER BY owner`;

/** @returns the server's time. */
export async function announce(query: Query, process: ProcessRecord): Promise<number> {
  const [row] = await query<{ readonly now: number }>(ANNOUNCE, processColumns(process));
  return row!.now;
}

export async function processes(query: Query, now: number): Promise<readonly ProcessRecord[]> {
  return (await query<ProcessRow>(LIST, [now])).map(toProcessRecord);
}
