import { InvalidInputError } from './errors.js';

/** `'1h30m'`, `'500ms'`, a number of seconds, or parts such as `{ hours: 2 }`. */
export type Duration = string | number | DurationParts;

/** The parts of a duration, which are added up. */
export interface DurationParts {
  readonly weeks?: number;
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly milliseconds?: number;
}

const MS_PER_UNIT = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const MS_PER_PART: Readonly<Record<keyof DurationParts, number>> = {
  weeks: MS_PER_UNIT.w,
  days: MS_PER_UNIT.d,
  hours: MS_PER_UNIT.h,
  minutes: MS_PER_UNIT.m,
  seconds: MS_PER_UNIT.s,
  milliseconds: MS_PER_UNIT.ms,
};

/** Ten thousand years: what lies beyond is a mistake, and cannot be added to a date. */
const LONGEST_MS = 10_000 * 365 * MS_PER_UNIT.d;
const WHOLE = /^(?:\d+(?:\.\d+)?(?:ms|[smhdw])\s*)+$/;
const TERM = /(\d+(?:\.\d+)?)(ms|[smhdw])/g;

/**
 * A duration in whole milliseconds.
 *
 * @throws InvalidInputError naming `what` if the value is not a duration, is negative or is out of range.
 */
export function durationToMs(value: Duration, what = 'duration'): number {
  const ms = read(value);
  if (ms >= 0 && ms <= LONGEST_MS) return Math.round(ms);
  throw new InvalidInputError(
    `${shown(value)} is not a ${what}. Use text such as '30s' or '1h30m' (units ms, s, m, h, d, w), a number of seconds, or parts such as { hours: 2 }.`,
  );
}

/** In milliseconds; NaN if it is no duration. */
function read(value: Duration): number {
  if (typeof value === 'number') return value * MS_PER_UNIT.s;
  if (typeof value === 'string') return readText(value);
  if (typeof value !== 'object' || value === null) return NaN;
  try {
    return readParts(value);
  } catch {
    return NaN; // a getter of the value has thrown
  }
}

function readText(text: string): number {
  const trimmed = text.trim();
  if (trimmed.length > 100 || !WHOLE.test(trimmed)) return NaN;
  let total = 0;
  for (const [, amount, unit] of trimmed.matchAll(TERM))
    total += Number(amount) * MS_PER_UNIT[unit as keyof typeof MS_PER_UNIT];
  return total;
}

function readParts(parts: DurationParts): number {
  const entries = Object.entries(parts);
  if (entries.length === 0 || Array.isArray(parts)) return NaN;
  let total = 0;
  for (const [part, amount] of entries) {
    if (!Object.hasOwn(MS_PER_PART, part) || typeof amount !== 'number') return NaN;
    total += amount * MS_PER_PART[part as keyof DurationParts];
  }
  return total;
}

function shown(value: unknown): string {
  try {
    const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
    return text.slice(0, 80);
  } catch {
    return `[${typeof value}]`;
  }
}
