import type { Heartbeat, ProcessRecord } from '../core/index.js';
import { escaped } from './escaped-text.js';
import type { ScriptCall } from './redis-connection.js';
import { ANNOUNCE } from './scripts/process.scripts.js';
import { wholeNumber } from './whole-number.js';

export function beatRows(beats: readonly Heartbeat[]): readonly object[] {
  return beats.map(({ runId, id, attempt, worker, until, begins }) => ({
    run: escaped(runId),
    id: escaped(id),
    attempt: wholeNumber('The attempt', attempt),
    worker: escaped(worker),
    until: wholeNumber('until', until),
    begins,
  }));
}

export function announceCall({ owner, role, workflows, steps, until }: ProcessRecord): ScriptCall {
  const told = { owner: escaped(owner), until: wholeNumber('until', until) };
  return { script: ANNOUNCE, told, texts: [JSON.stringify({ owner, role, workflows, steps, until })] };
}

/** Milliseconds since 1970, of what TIME returns. */
export function toTime(reply: unknown): number {
  const [seconds, microseconds] = reply as readonly [string, string];
  return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
}
