import { stripVTControlCharacters } from 'node:util';

const LEVELS: Readonly<Record<string, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
};

/** What the line says by itself, and is not repeated behind it. */
export const FIELDS_IN_LINE = 'time,level,pid,hostname,runId,workflow,step,stepId,attempt,context';

/**
 * A line for people: `2025-01-15 10:30:45 | INFO | run_abc123 | order | Processing order`, with the step call and its
 * attempt behind the workflow in steps, and with the logger's context instead of all that outside of runs.
 */
export function prettyLine(log: Readonly<Record<string, unknown>>, messageKey: string): string {
  const { time, level, runId, workflow, stepId, attempt, context } = log;
  const where =
    runId === undefined ? [context] : [runId, workflow, stepId === undefined ? undefined : call(stepId, attempt)];
  const parts = [timeOf(time), LEVELS[String(level)] ?? level, ...where, log[messageKey] ?? ''];
  return parts.flatMap((part) => (part === undefined ? [] : [plain(part)])).join(' | ');
}

function call(stepId: unknown, attempt: unknown): string {
  return attempt === 1 || attempt === undefined ? String(stepId) : `${String(stepId)} attempt ${String(attempt)}`;
}

/** In the time zone of whoever reads it. */
function timeOf(time: unknown): string {
  const date = new Date(typeof time === 'number' || typeof time === 'string' ? time : Date.now());
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}

/** What users hand in must not move the cursor of a terminal. */
function plain(part: unknown): string {
  return stripVTControlCharacters(String(part)).replaceAll(/[^\P{Cc}\n\t]/gu, '');
}
