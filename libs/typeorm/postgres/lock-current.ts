import type { Commit } from '../../core/index.js';
import { isHeldBy } from './commit-statement.js';
import type { PostgresDatabase } from './postgres-database.js';
import { RowsParameter } from './rows-parameter.js';

const HELD = new RowsParameter({ run_id: 'text', fence: 'integer', holder: 'text', base: 'integer' });

const LOCK = `
  WITH held AS (${HELD.select()})
  SELECT run.run_id FROM held JOIN workflow_run AS run ON run.run_id = held.run_id AND run.fence = held.fence
    AND ${isHeldBy('held.holder')} AND run.sequence = held.base
  ORDER BY held.run_id FOR NO KEY UPDATE OF run`;

/** Locks the runs whose holder may commit, until the end of the transaction. @returns their ids */
export async function lockCurrent(
  query: PostgresDatabase['query'],
  commits: readonly Commit[],
): Promise<ReadonlySet<string>> {
  if (commits.length === 0) return new Set();
  const held = commits.map(({ runId, fence, lease, baseSequence }) => [runId, fence, lease.owner, baseSequence]);
  const rows = await query<{ run_id: string }>(LOCK, HELD.values(held));
  return new Set(rows.map(({ run_id }) => run_id));
}
