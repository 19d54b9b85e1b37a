import type { PostgresDatabase } from './postgres-database.js';
import { RowsParameter } from './rows-parameter.js';

const RUNS = new RowsParameter({ run_id: 'text' });

const TIDY = `
  WITH asked AS (${RUNS.select()}),
  ended AS (SELECT run.run_id FROM asked JOIN workflow_run AS run ON run.run_id = asked.run_id
    WHERE run.status NOT IN ('pending', 'running', 'suspended', 'blocked', 'paused')),
  silenced AS (DELETE FROM workflow_heartbeat AS beat USING ended WHERE beat.run_id = ended.run_id)
  DELETE FROM workflow_inbox AS message USING ended WHERE message.run_id = ended.run_id`;

/**
 * Removes what came while a run was ending, which PostgreSQL does one beside the other: its end could not see that.
 * Those of the runs that go on are left alone.
 */
export async function tidyEnded(query: PostgresDatabase['query'], runIds: readonly string[]): Promise<void> {
  if (runIds.length > 0) await query(TIDY, RUNS.values([...new Set(runIds)].map((runId) => [runId])));
}
