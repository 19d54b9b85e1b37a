import { InvalidInputError, readCursor, type RunFilter, type RunPosition } from '../core/index.js';
import { escaped } from './escaped-text.js';

/** As many digits as the largest whole number has in base 36. */
export const TIME_LENGTH = 11;

/** A time that sorts as text. @throws InvalidInputError if it has no place among the times */
export function sortableTime(time: number): string {
  if (Number.isSafeInteger(time) && time >= 0) return time.toString(36).padStart(TIME_LENGTH, '0');
  throw new InvalidInputError(`A run cannot be created at ${String(time)}. Use milliseconds since 1970.`);
}

/**
 * Where a run stands in every list of runs: sorted as bytes, runs come in the order of their creation. Because the
 * place says it all, a page goes on behind the last one even if that run has left the list.
 */
function placeOf({ createdAt, runId }: RunPosition): string {
  return sortableTime(createdAt) + escaped(runId);
}

export function comparePlaces(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The part of a list that a filter asks for, in the words of ZRANGE BYLEX. */
export interface PlaceRange {
  readonly upper: string;
  readonly lower: string;
}

export function placeRange({ createdAfter = -1, createdBefore = Infinity, cursor }: RunFilter): PlaceRange {
  const last = cursor === undefined ? undefined : readCursor(cursor);
  const lower = createdAfter < 0 ? '-' : `[${clampedTime(Math.floor(createdAfter) + 1)}`;
  // A time alone sorts before every run of that time.
  if (last && last.createdAt < createdBefore) return { upper: `(${placeOf(last)}`, lower };
  return { upper: createdBefore === Infinity ? '+' : `(${clampedTime(Math.ceil(createdBefore))}`, lower };
}

function clampedTime(time: number): string {
  return sortableTime(Math.min(Math.max(time, 0), Number.MAX_SAFE_INTEGER));
}
