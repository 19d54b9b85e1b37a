import type { EventDraft, RunState, StepCall } from '../core/index.js';
import { WorkerLostError } from './errors.js';
import type { EnginePorts } from './ports.js';

/** What a run is told of an attempt that has vanished with its process: that it is lost, and maybe that this was once too often. */
export function lostAttempt(ports: EnginePorts, state: RunState, { id, attempt, lost }: StepCall): EventDraft[] {
  const { registry, codec, options, logger } = ports;
  const { workflow, version } = state.started;
  const definition = registry.workflow(workflow, version);
  const loss: EventDraft = { type: 'step.lost', id, attributes: { attempt } };
  if (definition && !definition.recoverOnWorkerLoss) {
    const cancelled = [...state.steps.keys()].map((open): EventDraft => ({ type: 'step.cancelled', id: open }));
    return [loss, ...cancelled, { type: 'workflow.failed', payload: codec.encode(new WorkerLostError(state.runId)) }];
  }
  if (lost < (definition?.maxRecoveryAttempts ?? options.maxRecoveryAttempts)) {
    logger.warn(`the process of step ${id} has died or is silent: the step begins again elsewhere`, {
      runId: state.runId,
      stepId: id,
      attempt,
    });
    return [loss];
  }
  const reason = `step ${id} has lost its process ${lost + 1} times; resume the run when the cause is mended`;
  logger.error(`run ${state.runId} is paused: ${reason}`, { runId: state.runId, workflow });
  return [loss, { type: 'workflow.paused', attributes: { reason } }];
}
