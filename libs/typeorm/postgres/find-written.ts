import type { Commit, CommitResult } from '../../core/index.js';
import { draftColumns, type EventRow } from '../rows.js';
import type { PostgresDatabase } from './postgres-database.js';
import { RowsParameter } from './rows-parameter.js';

const RUNS = new RowsParameter({ run_id: 'text' });
const SPANS = new RowsParameter({ run_id: 'text', base: 'integer', head: 'integer' });

const FIND_HOLDERS = `
  WITH asked AS (${RUNS.select()})
  SELECT run.run_id, run.fence, run.owner, run.sequence FROM asked JOIN workflow_run AS run ON run.run_id = asked.run_id`;

const FIND_EVENTS = `
  WITH span AS (${SPANS.select()})
  SELECT event.run_id, event.sequence, event.at, event.type, event.ref, event.payload, event.attributes
  FROM span JOIN workflow_event AS event ON event.run_id = span.run_id
    AND event.sequence > span.base AND event.sequence <= span.head
  ORDER BY event.run_id, event.sequence`;

interface HolderRow {
  readonly run_id: string;
  readonly fence: number;
  readonly owner: string | null;
  readonly sequence: number;
}

/**
 * Which of these commits are in the database, after a connection died before it told.
 *
 * A commit's events are its proof. One without events is proven by the lease that it gave up; if it holds the lease it
 * may be written twice, so it counts as not written.
 */
export async function findWritten(
  query: PostgresDatabase['query'],
  commits: readonly Commit[],
): Promise<readonly (CommitResult | undefined)[]> {
  const holders = await query<HolderRow>(FIND_HOLDERS, RUNS.values(commits.map(({ runId }) => [runId])));
  const spans = commits.map(({ runId, baseSequence, events }) => [runId, baseSequence, baseSequence + events.length]);
  const stored = await query<EventRow & { readonly run_id: string }>(FIND_EVENTS, SPANS.values(spans));
  return commits.map((commit) => {
    const run = holders.find(({ run_id }) => run_id === commit.runId);
    if (!run) return undefined;
    const isReleased = run.fence !== commit.fence || run.owner !== commit.lease.owner;
    const events = stored.filter(({ run_id }) => run_id === commit.runId);
    const isWritten =
      commit.events.length > 0
        ? hasEvents(commit, events)
        : run.fence === commit.fence && run.owner === null && run.sequence === commit.baseSequence;
    return isWritten ? { type: 'committed', released: isReleased } : undefined;
  });
}

function hasEvents({ events }: Commit, stored: readonly EventRow[]): boolean {
  return events.every((event, index) => {
    const row = stored[index];
    if (row?.sequence !== event.sequence || row.at !== event.at) return false;
    const columns = [row.type, row.ref, row.payload, row.attributes];
    return draftColumns(event).every((value, column) => value === columns[column]);
  });
}
