import { readCursor, type RunFilter, type RunStatus } from '../core/index.js';
import type { SqlValue } from './backend.js';
import { SETTLED_STATUSES } from './entities/workflow-run.entity.js';
import { RUN_COLUMNS } from './rows.js';

interface Query {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

type Condition = readonly [sql: string, ...parameters: SqlValue[]];

const COLUMNS = RUN_COLUMNS.map((column) => `run.${column}`).join(', ');
const LIVE: ReadonlySet<RunStatus> = new Set(['pending', 'running', 'suspended']);

/**
 * The statement that lists the runs of one page and one more, which tells whether another page follows.
 *
 * Each part of it reads an index in the order of the list, so that no page costs more than its runs, however many
 * there are: the index of the first tag, those of the statuses, or that of all runs.
 */
export function listRuns(filter: RunFilter): Query {
  const limit = filter.limit + 1;
  const parts = branchesOf(filter).map((branch) => select(filter, branch, limit));
  const [first] = parts;
  if (first && parts.length === 1) return first;
  return {
    sql: `SELECT * FROM (${parts.map(({ sql }) => `SELECT * FROM (${sql}) AS part`).join(' UNION ALL ')}) AS run
      ORDER BY created_at DESC, run_id DESC LIMIT ?`,
    parameters: [...parts.flatMap(({ parameters }) => parameters), limit],
  };
}

/** The statuses, as conditions that divide the list into parts which an index has in order. */
function branchesOf({ status, tags }: RunFilter): readonly (readonly Condition[])[] {
  if (!status) return [[]];
  if (tags?.length || status.length === 0) return [[statusIn(status)]];
  const live = status.filter((one) => LIVE.has(one));
  const settled = [...new Set(status)].filter((one) => !LIVE.has(one));
  // SQLite uses a partial index only if the statement repeats its condition.
  const branches: (readonly Condition[])[] = settled.map((one) => [['run.status = ?', one], [SETTLED_STATUSES]]);
  if (live.length > 0) branches.push([statusIn(live), ['run.ended_at IS NULL']]);
  return branches;
}

function statusIn(statuses: readonly RunStatus[]): Condition {
  if (statuses.length === 0) return ['1 = 0'];
  return [`run.status IN (${statuses.map(() => '?').join(', ')})`, ...statuses];
}

function select(filter: RunFilter, branch: readonly Condition[], limit: number): Query {
  const [tag, ...otherTags] = filter.tags ?? [];
  const from = tag === undefined ? 'run' : 'tagged';
  const source =
    tag === undefined
      ? 'workflow_run AS run'
      : 'workflow_run_tag AS tagged JOIN workflow_run AS run ON run.run_id = tagged.run_id';
  const conditions = [...(tag === undefined ? [] : tagConditions(tag, otherTags)), ...branch];
  conditions.push(...rangeConditions(filter, from));
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.map(([sql]) => sql).join(' AND ')}`;
  return {
    sql: `SELECT ${COLUMNS} FROM ${source} ${where} ORDER BY ${from}.created_at DESC, ${from}.run_id DESC LIMIT ?`,
    parameters: [...conditions.flatMap(([, ...values]) => values), limit],
  };
}

function tagConditions(tag: string, otherTags: readonly string[]): readonly Condition[] {
  const also = `EXISTS (SELECT 1 FROM workflow_run_tag AS other
    WHERE other.tag = ? AND other.created_at = tagged.created_at AND other.run_id = tagged.run_id)`;
  return [['tagged.tag = ?', tag], ...otherTags.map((other): Condition => [also, other])];
}

function rangeConditions(filter: RunFilter, from: string): readonly Condition[] {
  const { workflow, createdAfter, createdBefore, cursor } = filter;
  const conditions: Condition[] = [];
  if (workflow !== undefined) conditions.push(['run.workflow = ?', workflow]);
  if (createdAfter !== undefined) conditions.push([`${from}.created_at > ?`, createdAfter]);
  if (createdBefore !== undefined) conditions.push([`${from}.created_at < ?`, createdBefore]);
  if (cursor !== undefined) {
    const { createdAt, runId } = readCursor(cursor);
    conditions.push([`(${from}.created_at, ${from}.run_id) < (?, ?)`, createdAt, runId]);
  }
  return conditions;
}
