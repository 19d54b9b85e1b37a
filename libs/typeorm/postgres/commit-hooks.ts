import { type Commit, type CommitResult, isEnded } from '../../core/index.js';
import { isOpen } from './commit-statement.js';
import type { PostgresDatabase } from './postgres-database.js';
import { type PgRow, RowsParameter } from './rows-parameter.js';

type Query = PostgresDatabase['query'];

const ASKED = new RowsParameter({ run_id: 'text', id: 'text' });
const TOKENS = new RowsParameter({ token: 'text' });
const SETTLED = new RowsParameter({ run_id: 'text', id: 'text', status: 'text' });
const OPENED = new RowsParameter({
  run_id: 'text',
  id: 'text',
  token: 'text',
  status: 'text',
  multiple: 'boolean',
  created_at: 'bigint',
  expires_at: 'bigint',
  defined: 'boolean',
  ordinal: 'integer',
});

/** A delivery that is under way comes first: then the hook is not open any more. */
const LOCK_OPEN = `
  WITH asked AS (${ASKED.select()})
  SELECT hook.run_id, hook.id FROM asked JOIN workflow_hook AS hook ON hook.run_id = asked.run_id AND hook.id = asked.id
  WHERE ${isOpen('hook')} ORDER BY hook.run_id, hook.id FOR NO KEY UPDATE OF hook`;

const FIND_HOLDERS = `
  WITH asked AS (${TOKENS.select()})
  SELECT hook.token, hook.run_id, hook.id FROM asked JOIN workflow_hook AS hook ON hook.token = asked.token
  WHERE hook.status = 'open'`;

const SETTLE = `
  WITH settled AS (${SETTLED.select()})
  UPDATE workflow_hook AS hook SET status = settled.status FROM settled
  WHERE hook.run_id = settled.run_id AND hook.id = settled.id AND ${isOpen('hook')}`;

const OPEN = `
  WITH opened AS (${OPENED.select()})
  INSERT INTO workflow_hook (run_id, id, token, status, multiple, created_at, expires_at, defined)
  SELECT run_id, id, token, status, multiple, created_at, expires_at, defined FROM opened ORDER BY ordinal
  ON CONFLICT (token) WHERE status = 'open' DO NOTHING RETURNING 1`;

interface HookKey {
  readonly run_id: string;
  readonly id: string;
}

/** The commits that hooks refuse: a token that is taken, or a hook that was settled. Locks the hooks they settle. */
export async function refusalsOfHooks(
  query: Query,
  commits: readonly Commit[],
): Promise<ReadonlyMap<string, CommitResult>> {
  const open = await lockOpen(query, commits);
  const taken = await findHolders(query, commits);
  const refusals = new Map<string, CommitResult>();
  for (const commit of commits) {
    const refusal = refusalOf(commit, open, taken);
    if (refusal) refusals.set(commit.runId, refusal);
    else for (const { id, token } of openedBy(commit)) taken.set(token, { run_id: commit.runId, id });
  }
  return refusals;
}

/** Writes what commits do with hooks. @returns false if somebody else has taken a token meanwhile */
export async function writeHooks(query: Query, commits: readonly Commit[]): Promise<boolean> {
  const settled = commits.flatMap(({ runId, expiresHooks, closesHooks }): PgRow[] => [
    ...expiresHooks.map((id) => [runId, id, 'expired']),
    ...closesHooks.filter((id) => !expiresHooks.includes(id)).map((id) => [runId, id, 'closed']),
  ]);
  if (settled.length > 0) await query(SETTLE, SETTLED.values(settled));
  const opened = commits.flatMap(({ runId, run, opensHooks }) =>
    opensHooks.map(({ id, token, status, multiple, createdAt, expiresAt = null, defined = null }): PgRow => {
      const after = status === 'open' && isEnded(run.status) ? 'closed' : status;
      return [runId, id, token, after, multiple, createdAt, expiresAt, defined];
    }),
  );
  if (opened.length === 0) return true;
  const numbered = opened.map((row, ordinal) => [...row, ordinal]);
  return (await query(OPEN, OPENED.values(numbered))).length === opened.length;
}

function refusalOf(commit: Commit, open: ReadonlySet<string>, taken: ReadonlyMap<string, HookKey>) {
  const { runId, expiresHooks, closesHooks } = commit;
  const tokens = new Set<string>();
  for (const { id, token } of openedBy(commit)) {
    const holder = taken.get(token);
    // A token that this very commit gives up is free for it.
    const isGivenUp = holder?.run_id === runId && [...expiresHooks, ...closesHooks].includes(holder.id);
    if (tokens.has(token) || (holder && !isGivenUp)) return { type: 'token_taken', hookId: id } as const;
    tokens.add(token);
  }
  const settled = expiresHooks.find((id) => !open.has(keyOf(runId, id)));
  return settled === undefined ? undefined : ({ type: 'hook_settled', hookId: settled } as const);
}

function openedBy({ opensHooks }: Commit) {
  return opensHooks.filter(({ status }) => status === 'open');
}

async function lockOpen(query: Query, commits: readonly Commit[]): Promise<ReadonlySet<string>> {
  const asked = commits.flatMap(({ runId, expiresHooks, closesHooks }) =>
    [...new Set([...expiresHooks, ...closesHooks])].map((id) => [runId, id]),
  );
  if (asked.length === 0) return new Set();
  const rows = await query<HookKey>(LOCK_OPEN, ASKED.values(asked));
  return new Set(rows.map(({ run_id, id }) => keyOf(run_id, id)));
}

async function findHolders(query: Query, commits: readonly Commit[]): Promise<Map<string, HookKey>> {
  const tokens = [...new Set(commits.flatMap(openedBy).map(({ token }) => token))];
  if (tokens.length === 0) return new Map();
  const rows = await query<HookKey & { token: string }>(FIND_HOLDERS, TOKENS.values(tokens.map((token) => [token])));
  return new Map(rows.map((row) => [row.token, row]));
}

function keyOf(runId: string, id: string): string {
  return JSON.stringify([runId, id]);
}
