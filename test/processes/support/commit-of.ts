import type { Commit, HistoryEvent } from '../../../libs/core/index.js';

/** A commit of one event; that of event 1 creates the run. */
export function commitOf(runId: string, sequence: number, status: 'running' | 'completed' = 'running'): Commit {
  const base = { sequence, at: sequence, payload: '"grüezi"' };
  const attributes = { workflow: 'order', version: 1, seed: 's' };
  const event: HistoryEvent =
    sequence === 1
      ? { ...base, type: 'workflow.started', attributes }
      : { ...base, type: 'step.scheduled', id: `charge#${sequence}` };
  return {
    runId,
    fence: 1,
    baseSequence: sequence - 1,
    events: [event],
    ...(sequence === 1 && { create: { workflow: 'order', version: 1, tags: [], createdAt: 1 } }),
    run: { status, updatedAt: sequence, recoveryAttempts: 0, ...(status === 'completed' && { output: '"done"' }) },
    consumes: [],
    opensHooks: [],
    expiresHooks: [],
    closesHooks: [],
    lease: { type: 'hold', owner: 'A', until: 1_000 },
  };
}
