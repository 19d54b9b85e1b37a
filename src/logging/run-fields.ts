import { findCurrentContext } from '../../libs/runtime/index.js';

/** What says which run a line is about. */
export interface RunFields {
  runId?: string;
  workflow?: string;
  step?: string;
  stepId?: string;
  attempt?: number;
}

/** The fields of a line that is written now: a new object, empty outside of runs. */
export function runFields(): RunFields {
  const context = findCurrentContext();
  if (!context) return {};
  const { runId, workflowName: workflow } = context;
  if (context.kind === 'workflow') return { runId, workflow };
  const { stepName: step, stepId, attempt } = context;
  return { runId, workflow, step, stepId, attempt };
}

/** Whether a line that is written now was written before: workflow code goes over what it has done. */
export function isRepetition(): boolean {
  return findCurrentContext()?.isReplaying === true;
}
