import type { Database } from '../driver/database.js';
import { pause } from '../driver/wait.js';

/** What came while a run was ending goes at the next sweep or heartbeat: the processes are given time for one before they stop. */
const SWEPT: Readonly<Record<string, string>> = {
  'messages to runs that have ended': `SELECT i.run_id AS what FROM workflow_inbox i JOIN workflow_run r USING (run_id) WHERE r.ended_at IS NOT NULL`,
  'heartbeats of runs that have ended': `SELECT h.run_id AS what FROM workflow_heartbeat h JOIN workflow_run r USING (run_id) WHERE r.ended_at IS NOT NULL`,
};

const LEFTOVERS: Readonly<Record<string, string>> = {
  ...SWEPT,
  'open hooks of runs that have ended': `SELECT h.run_id AS what FROM workflow_hook h JOIN workflow_run r USING (run_id) WHERE r.ended_at IS NOT NULL AND h.status = 'open'`,
  'owners, leases or alarms of runs that have ended': `SELECT run_id AS what FROM workflow_run WHERE ended_at IS NOT NULL AND (owner IS NOT NULL OR lease_until IS NOT NULL OR wake_at IS NOT NULL)`,
  'owners of runs, after all processes have stopped': `SELECT run_id AS what FROM workflow_run WHERE owner IS NOT NULL`,
};

/** Waits until sweeps have removed what is theirs to remove. */
export async function untilSwept(database: Database, patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while ((await leftOf(database, SWEPT)).length > 0 && Date.now() < deadline) await pause(100);
}

/** Nothing is left in the database of what has ended. */
export function checkLeftovers(database: Database): Promise<string[]> {
  return leftOf(database, LEFTOVERS);
}

async function leftOf(database: Database, queries: Readonly<Record<string, string>>): Promise<string[]> {
  const faults: string[] = [];
  for (const [name, query] of Object.entries(queries)) {
    const rows = await database.query<{ what: string }>(query);
    const some = rows.slice(0, 3).map(({ what }) => what);
    if (rows.length > 0) faults.push(`${rows.length} ${name} are left: ${some.join(', ')} ...`);
  }
  return faults;
}
