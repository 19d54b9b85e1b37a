import type { RunFilter, RunPosition, RunRecord } from '../core/index.js';

/** What of a run decides where it stands in a list, and in which. */
export type ListedRun = Pick<RunRecord, 'runId' | 'workflow' | 'status' | 'tags' | 'createdAt'>;

export function matches(run: ListedRun, filter: RunFilter): boolean {
  return (
    (filter.status?.includes(run.status) ?? true) &&
    (filter.workflow ?? run.workflow) === run.workflow &&
    (filter.tags?.every((tag) => run.tags.includes(tag)) ?? true) &&
    run.createdAt > (filter.createdAfter ?? -Infinity) &&
    run.createdAt < (filter.createdBefore ?? Infinity)
  );
}

/** Negative if the first comes first. */
export function newestFirst(a: RunPosition, b: RunPosition): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt;
  if (a.runId === b.runId) return 0;
  return a.runId < b.runId ? 1 : -1;
}
