import { caller, type Command, type RunState } from '../core/index.js';
import type { EnginePorts } from './ports.js';
import { reportOnce } from './report-once.js';

/**
 * Counts that workflow code went on after awaiting something that is not durable, and reports the line that it went on at.
 *
 * Called from within the primitive that the code went on to.
 */
export function reportOrdinaryAwait({ logger, counters }: EnginePorts, state: RunState, command: Command): void {
  counters.onOrdinaryAwait(state.started.workflow);
  const { workflow } = state.started;
  const location = 'id' in command ? caller() : 'its end';
  reportOnce(logger, `${workflow} ${location}`, { runId: state.runId, workflow }, () => {
    return (
      `workflow "${workflow}" went on at ${location} after awaiting something that is not durable, ` +
      'which a replay does again: move such work into a step, or into sideEffect()'
    );
  });
}
