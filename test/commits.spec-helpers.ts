import type { Commit, HookRecord } from '../libs/core/index.js';

/** Where the tests' time begins. */
export const T = 1_750_000_000_000;
/** When the leases of these commits expire. */
export const UNTIL = T + 15_000;

/** A commit that creates a run, held by A. */
export function created(runId: string, changes: Partial<Commit> = {}): Commit {
  const attributes = { workflow: 'order', version: 1, seed: 's' };
  return {
    ...committing(runId, 0),
    events: [{ sequence: 1, type: 'workflow.started', at: T, payload: '[]', attributes }],
    create: { workflow: 'order', version: 1, tags: ['eu'], createdAt: T },
    ...changes,
  };
}

/** A commit of one more event, by A under the first fence; it comes as many milliseconds after T as there are events. */
export function committing(runId: string, baseSequence: number, changes: Partial<Commit> = {}): Commit {
  const at = T + baseSequence;
  return {
    runId,
    fence: 1,
    baseSequence,
    events: [{ sequence: baseSequence + 1, type: 'step.scheduled', at, id: `charge#${baseSequence}`, payload: '[]' }],
    run: { status: 'running', updatedAt: at, recoveryAttempts: 0 },
    consumes: [],
    opensHooks: [],
    expiresHooks: [],
    closesHooks: [],
    lease: { type: 'hold', owner: 'A', until: UNTIL },
    ...changes,
  };
}

/** An open hook, whose token is the id of its run. */
export function hookOf(runId: string, changes: Partial<HookRecord> = {}): HookRecord {
  return { runId, id: 'h#1', token: runId, status: 'open', multiple: false, createdAt: T, ...changes };
}
