import type { CommitResult } from '../../core/index.js';
import type { Creation } from './commit-parameters.js';
import type { PostgresDatabase } from './postgres-database.js';
import { RowsParameter } from './rows-parameter.js';

export type Duplicate = Extract<CommitResult, { type: 'duplicate' }>;

const ASKED = new RowsParameter({ asked_id: 'text', workflow: 'text', idempotency_key: 'text' });

const FIND_DUPLICATES = `
  WITH asked AS (${ASKED.select()})
  SELECT asked.asked_id, run.run_id, run.input_digest, 0 AS rank
  FROM asked JOIN workflow_run AS run ON run.run_id = asked.asked_id
  UNION ALL
  SELECT asked.asked_id, run.run_id, run.input_digest, 1 AS rank
  FROM asked JOIN workflow_run AS run ON run.workflow = asked.workflow AND run.idempotency_key = asked.idempotency_key
  ORDER BY rank DESC`;

interface DuplicateRow {
  readonly asked_id: string;
  readonly run_id: string;
  readonly input_digest: string | null;
}

/** The runs that new runs are duplicates of, by the new run's id. */
export async function findDuplicates(
  query: PostgresDatabase['query'],
  creations: readonly Creation[],
): Promise<ReadonlyMap<string, Duplicate>> {
  if (creations.length === 0) return new Map();
  const asked = creations.map(({ runId, create }) => [runId, create.workflow, create.idempotencyKey ?? null]);
  const rows = await query<DuplicateRow>(FIND_DUPLICATES, ASKED.values(asked));
  return new Map(
    rows.map(({ asked_id, run_id, input_digest }) => [
      asked_id,
      { type: 'duplicate', runId: run_id, inputDigest: input_digest ?? undefined },
    ]),
  );
}
