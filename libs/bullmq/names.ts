import { createHash } from 'node:crypto';
import type { StepTask } from '../core/index.js';

/** Wakes of runs that nobody holds. */
export const WORKFLOWS = 'workflows';
/** Step calls without a queue of their own. */
export const STEPS = 'steps';

/** The key of the list with the wakes of runs that one process holds. */
export function wakeListOf(prefix: string, owner: string): string {
  return `${prefix}:wakes-${safe(owner)}`;
}

export function stepQueueOf(name: string | undefined): string {
  return name === undefined ? STEPS : `${STEPS}-${safe(name)}`;
}

/** The same for each hand-over of one attempt by one holder of the run, and for no other. */
export function stepKeyOf({ runId, id, attempt, fence }: StepTask): string {
  return digest([runId, id, attempt, fence]);
}

/** Any text as part of a BullMQ name or a Redis key: two texts never become one. */
function safe(text: string): string {
  return text.replaceAll(/[^\w.-]/gu, (character) => `~${character.codePointAt(0)?.toString(16)}~`);
}

function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
}
