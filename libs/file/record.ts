import type { RunChange } from '../tables/index.js';

/** What a line of a run's file says: everything of a change but whose it is, which the file says. */
export type RunLine = Omit<RunChange, 'runId'>;

/** A change as one line, so that it is written whole or not at all. */
export function lineOf(change: RunChange): string {
  const { events, compacts, row, consumed, forgotten, received, hooks, heartbeats } = change;
  const line: RunLine = { events, compacts, received, consumed, forgotten, hooks, heartbeats, row };
  return `${JSON.stringify(line)}\n`;
}

/** @returns undefined if the text is no object in JSON */
export function parseLine<Line extends object>(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Line) : undefined;
  } catch {
    return undefined;
  }
}
