import { InvalidInputError, type RunFilter, type RunRecord } from '../core/index.js';

/** What of a run decides where it stands in a list, and in which. */
export type ListedRun = Pick<RunRecord, 'runId' | 'workflow' | 'status' | 'tags' | 'createdAt'>;

export type ListPosition = Pick<RunRecord, 'createdAt' | 'runId'>;

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
export function newestFirst(a: ListPosition, b: ListPosition): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt;
  if (a.runId === b.runId) return 0;
  return a.runId < b.runId ? 1 : -1;
}

export function writeCursor({ createdAt, runId }: ListPosition): string {
  return Buffer.from(JSON.stringify([createdAt, runId])).toString('base64url');
}

/** @throws InvalidInputError if it is no cursor */
export function readCursor(cursor: string): ListPosition {
  const [createdAt, runId] = parseArray(Buffer.from(cursor, 'base64url').toString());
  if (typeof createdAt === 'number' && typeof runId === 'string') return { createdAt, runId };
  throw new InvalidInputError(`"${cursor}" is no cursor of a list of runs. Pass the nextCursor of the page before.`);
}

function parseArray(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
