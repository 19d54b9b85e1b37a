import { InvalidInputError } from './errors.js';
import type { RunRecord } from './run-record.js';

/** Where a run stands in a list: newest first, those of one time by their id. */
export type RunPosition = Pick<RunRecord, 'createdAt' | 'runId'>;

/** @param found the runs of the page, and one more if another page follows */
export function pageOf<Run extends RunPosition>(
  found: readonly Run[],
  limit: number,
): { readonly runs: readonly Run[]; readonly nextCursor?: string } {
  const runs = found.slice(0, limit);
  const last = runs.at(-1);
  return last && found.length > runs.length ? { runs, nextCursor: writeCursor(last) } : { runs };
}

/** The last run of the page before. @throws InvalidInputError if it is no cursor */
export function readCursor(cursor: string): RunPosition {
  const [createdAt, runId] = parseArray(Buffer.from(cursor, 'base64url').toString());
  if (typeof createdAt === 'number' && Number.isFinite(createdAt) && typeof runId === 'string')
    return { createdAt, runId };
  throw new InvalidInputError(`"${cursor}" is no cursor of a list of runs. Pass the nextCursor of the page before.`);
}

function writeCursor({ createdAt, runId }: RunPosition): string {
  return Buffer.from(JSON.stringify([createdAt, runId])).toString('base64url');
}

function parseArray(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
