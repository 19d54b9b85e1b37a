import type { Commit, CommitResult } from '../../core/index.js';
import { refusalsOfHooks, writeHooks } from './commit-hooks.js';
import { commitParameters, isCreation, partsOf } from './commit-parameters.js';
import { OvertakenError } from './connection-errors.js';
import { commitStatement } from './commit-statement.js';
import { findDuplicates } from './find-duplicates.js';
import { lockCurrent } from './lock-current.js';
import type { PostgresDatabase } from './postgres-database.js';

type Query = PostgresDatabase['query'];
type Results = Map<string, CommitResult>;

interface WrittenRow {
  readonly run_id: string;
  readonly is_freed: boolean;
}

/** True if hooks may refuse the commit, so that it takes more than one statement. */
export function hasHooks({ opensHooks, expiresHooks, closesHooks }: Commit): boolean {
  return opensHooks.length > 0 || expiresHooks.length > 0 || closesHooks.length > 0;
}

/**
 * Writes commits of different runs, and refuses each by itself. `undefined` in place of a result asks for another
 * attempt: somebody else did the same at the same time.
 */
export function writeCommits(
  database: PostgresDatabase,
  commits: readonly Commit[],
): Promise<readonly (CommitResult | undefined)[]> {
  const writing = commits.some(hasHooks)
    ? writeWithHooks(database, commits)
    : writePlain((sql, values) => database.query(sql, values), commits);
  return writing.then((results) => commits.map(({ runId }) => results.get(runId)));
}

/** One statement, and another only to tell what a new run is a duplicate of. */
async function writePlain(query: Query, commits: readonly Commit[]): Promise<Results> {
  const parts = partsOf(commits);
  const rows = await query<WrittenRow>(commitStatement(parts), commitParameters(commits, parts));
  const results: Results = new Map(
    rows.map(({ run_id, is_freed }) => [run_id, { type: 'committed', released: is_freed }]),
  );
  if (results.size === commits.length) return results;
  const refused = commits.filter(({ runId }) => !results.has(runId));
  for (const { runId, create } of refused) if (!create) results.set(runId, { type: 'fenced' });
  for (const [runId, duplicate] of await findDuplicates(query, refused.filter(isCreation))) {
    results.set(runId, duplicate);
  }
  return results;
}

function writeWithHooks(database: PostgresDatabase, commits: readonly Commit[]): Promise<Results> {
  return database.transaction((query) => writeInTransaction(query, commits));
}

async function writeInTransaction(query: Query, commits: readonly Commit[]): Promise<Results> {
  const results: Results = new Map(await findDuplicates(query, commits.filter(isCreation)));
  const changes = commits.filter((commit) => !isCreation(commit));
  const current = await lockCurrent(query, changes);
  for (const { runId } of changes) if (!current.has(runId)) results.set(runId, { type: 'fenced' });
  const good = (): Commit[] => commits.filter(({ runId }) => !results.has(runId));
  for (const [runId, refusal] of await refusalsOfHooks(query, good())) results.set(runId, refusal);

  const accepted = good();
  if (accepted.length === 0) return results;
  if (!(await writeHooks(query, accepted))) throw new OvertakenError();
  const written = await writePlain(query, accepted);
  for (const { runId } of accepted) {
    const result = written.get(runId);
    if (result?.type !== 'committed') throw new OvertakenError();
    results.set(runId, result);
  }
  return results;
}
