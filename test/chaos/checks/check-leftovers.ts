import type { Database } from '../driver/database.js';

const LEFTOVERS: Readonly<Record<string, string>> = {
  'messages to runs that have ended': `SELECT i.run_id AS what FROM workflow_inbox i JOIN workflow_run r USING (run_id) WHERE r.ended_at IS NOT NULL`,
  'heartbeats of runs that have ended': `SELECT h.run_id AS what FROM workflow_heartbeat h JOIN workflow_run r USING (run_id) WHERE r.ended_at IS NOT NULL`,
  'open hooks of runs that have ended': `SELECT h.run_id AS what FROM workflow_hook h JOIN workflow_run r USING (run_id) WHERE r.ended_at IS NOT NULL AND h.status = 'open'`,
  'owners, leases or alarms of runs that have ended': `SELECT run_id AS what FROM workflow_run WHERE ended_at IS NOT NULL AND (owner IS NOT NULL OR lease_until IS NOT NULL OR wake_at IS NOT NULL)`,
  'owners of runs, after all processes have stopped': `SELECT run_id AS what FROM workflow_run WHERE owner IS NOT NULL`,
};

/** Nothing is left in the database of what has ended. */
export async function checkLeftovers(database: Database): Promise<string[]> {
  const faults: string[] = [];
  for (const [name, query] of Object.entries(LEFTOVERS)) {
    const rows = await database.query<{ what: string }>(query);
    if (rows.length > 0)
      faults.push(
        `${rows.length} ${name} are left: ${rows
          .slice(0, 3)
          .map(({ what }) => what)
          .join(', ')} ...`,
      );
  }
  return faults;
}
