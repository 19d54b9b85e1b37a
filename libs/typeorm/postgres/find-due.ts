import type { DueRun } from '../../core/index.js';
import type { PostgresDatabase } from './postgres-database.js';
import { tidyEnded } from './tidy-ended.js';

type Query = PostgresDatabase['query'];

/**
 * As in SQLite, with two differences. The alarm of a lease is early, so its end is compared as well. And a message or the
 * first heartbeat of an attempt may have come while its run was ending, which PostgreSQL does one beside the other: such
 * a run is found to be tidied. Heartbeats that are late are few, those of workers that died; the order lets PostgreSQL
 * read them by an index. Parameters: ahead, now, limit.
 */
const FIND_DUE = `
  SELECT run_id, MIN(due_at) AS due_at, MAX(suspect) AS suspect, BOOL_OR(is_over) AS is_over FROM (
    (SELECT run_id, COALESCE(lease_until, wake_at) AS due_at, FALSE AS is_over,
        CASE WHEN status = 'running' AND owner IS NOT NULL THEN 1 ELSE 0 END AS suspect
      FROM workflow_run WHERE wake_at <= $1 AND (owner IS NULL OR lease_until <= $2) ORDER BY wake_at LIMIT $3)
    UNION ALL
    (SELECT message.run_id, MIN(message.received_at) AS due_at, run.wakes_never AS is_over, 0 AS suspect
      FROM workflow_inbox AS message JOIN LATERAL (
        SELECT status NOT IN ('pending', 'running', 'suspended', 'blocked', 'paused') AS wakes_never
        FROM workflow_run AS run WHERE run.run_id = message.run_id AND run.owner IS NULL
          AND (run.status NOT IN ('blocked', 'paused')
            OR message.type IN ('workflow.resumed', 'workflow.cancel_requested'))
        OFFSET 0
      ) AS run ON TRUE
      WHERE NOT message.consumed AND message.received_at <= $1
      GROUP BY message.run_id, run.wakes_never ORDER BY 2 LIMIT $3)
    UNION ALL
    (SELECT late.run_id, late.until AS due_at, TRUE AS is_over, 0 AS suspect
      FROM (
        SELECT run_id, until FROM workflow_heartbeat WHERE until <= $2 AND until > 0 ORDER BY run_id LIMIT 100
      ) AS late JOIN LATERAL (
        SELECT FROM workflow_run AS run WHERE run.run_id = late.run_id
          AND run.status NOT IN ('pending', 'running', 'suspended', 'blocked', 'paused')
        OFFSET 0
      ) AS run ON TRUE)
  ) AS due
  GROUP BY run_id ORDER BY 2, 1 LIMIT $3`;

interface DueRow {
  readonly run_id: string;
  readonly due_at: number;
  readonly suspect: number;
  readonly is_over: boolean;
}

/** The runs that somebody must look at. What came for runs that have ended is removed on the way. */
export async function findDue(query: Query, now: number, limit: number, ahead: number): Promise<readonly DueRun[]> {
  for (;;) {
    const rows = await query<DueRow>(FIND_DUE, [ahead, now, limit]);
    const over = rows.filter(({ is_over }) => is_over);
    if (over.length === 0) {
      return rows.map(({ run_id, due_at, suspect }) => ({ runId: run_id, at: due_at, suspect: suspect > 0 }));
    }
    await tidyEnded(
      query,
      over.map(({ run_id }) => run_id),
    );
  }
}
