import { type WorkflowEngine, workloadOf } from '../../libs/runtime/index.js';
import { oldestDueMs } from '../runtime/oldest-due.js';
import { MetricSet } from './metric-set.js';
import type { MetricsRegistry } from './metrics.options.js';

/** How much there is to do, looked at when the metrics are read. */
export class WorkloadMetrics extends MetricSet {
  constructor(registry: MetricsRegistry, prefix: string, engine: WorkflowEngine) {
    super(registry, prefix);
    this.gauge('sessions', 'Runs that this process holds in memory.', () => workloadOf(engine).sessions);
    this.gauge('steps_running', 'Attempts of steps that run in this process.', () => workloadOf(engine).runningSteps);
    this.gauge(
      'steps_waiting',
      'Attempts that runs of this process have handed out and that do not run in it.',
      () => workloadOf(engine).waitingSteps,
    );
    this.gauge(
      'oldest_due_seconds',
      'How long the run has been due that waits longest for a process to take it up.',
      () => oldestDueSeconds(engine),
    );
  }
}

/** The other metrics can be read while the storage is down. */
async function oldestDueSeconds(engine: WorkflowEngine): Promise<number | undefined> {
  try {
    return (await oldestDueMs(engine)) / 1_000;
  } catch (error) {
    engine.ports.logger.warn('the storage did not say how long runs have been due', { error });
    return undefined;
  }
}
