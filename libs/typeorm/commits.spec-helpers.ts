import type { Commit } from '../core/index.js';

/** Where the tests' time begins. */
export const T = 1_750_000_000_000;

/** A commit that creates a run, held by A. */
export function created(runId: string, changes: Partial<Commit> = {}): Commit {
  return {
    ...committing(runId, 0),
    events: [
      {
        sequence: 1,
        type: 'workflow.started',
        at: T,
        payload: '[]',
        attributes: { workflow: 'order', version: 1, seed: 's' },
      },
    ],
    create: { workflow: 'order', version: 1, tags: ['eu'], createdAt: T },
    ...changes,
  };
}

/** A commit of one more event, by A under the first fence. */
export function committing(runId: string, baseSequence: number, changes: Partial<Commit> = {}): Commit {
  return {
    runId,
    fence: 1,
    baseSequence,
    events: [{ sequence: baseSequence + 1, type: 'step.scheduled', at: T, id: 'charge#1', payload: '[]' }],
    run: { status: 'running', updatedAt: T, recoveryAttempts: 0 },
    consumes: [],
    opensHooks: [],
    expiresHooks: [],
    closesHooks: [],
    lease: { type: 'hold', owner: 'A', until: T + 15_000 },
    ...changes,
  };
}
