import type { EventType, RunStatus } from '../../libs/core/index.js';
import type { EngineObserver, Registry as WorkflowRegistry } from '../../libs/runtime/index.js';
import { MetricSet } from './metric-set.js';
import type { MetricsRegistry } from './metrics.options.js';

/** From a few milliseconds to ten minutes. */
const STEP_SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600];

/** From a run without a wait to one that waits for a month. */
const RUN_SECONDS = [0.05, 0.25, 1, 5, 30, 120, 600, 3_600, 21_600, 86_400, 604_800, 2_592_000];

/**
 * What the engine does, as counters and histograms.
 *
 * Labels are names of workflows and steps that are registered in this process, never of runs, so their number is bounded.
 */
export class EngineMetrics extends MetricSet implements EngineObserver {
  private readonly runsStarted = this.counter('runs_started_total', 'Runs stored by this process.', 'workflow');
  private readonly runsEnded = this.counter('runs_ended_total', 'Runs ended by this process.', 'workflow', 'status');
  private readonly runsHalted = this.counter(
    'runs_halted_total',
    'Runs that this process has left to a person: blocked or paused.',
    'workflow',
    'status',
  );
  private readonly runSeconds = this.histogram(
    'run_duration_seconds',
    'From the start of a run to its end, waiting included.',
    'workflow',
    RUN_SECONDS,
  );
  private readonly activations = this.counter('activations_total', 'Times that a run was let go on.', 'workflow');
  private readonly replays = this.counter('replays_total', 'Runs rebuilt from their history.', 'workflow');
  private readonly ordinaryAwaits = this.counter(
    'ordinary_awaits_total',
    'Times that workflow code went on after it awaited something that is not durable.',
    'workflow',
  );
  private readonly commits = this.counter('commits_total', 'Commits written.');
  private readonly fencings = this.counter('fenced_total', 'Times that another process had a run that this one held.');
  private readonly staleOutcomes = this.counter('stale_outcomes_total', 'Outcomes that came too late or twice.');
  private readonly wakes = this.counter('wakes_total', 'Times that a run was to be looked at.');
  private readonly dispatches = this.counter('step_dispatches_total', 'Step calls handed to a queue.', 'step');
  private readonly attempts = this.counter(
    'step_attempts_total',
    'Attempts of steps that ended in this process.',
    'step',
    'outcome',
  );
  private readonly attemptSeconds = this.histogram(
    'step_attempt_duration_seconds',
    'How long attempts of steps take in this process.',
    'step',
    STEP_SECONDS,
  );

  private readonly activationsOf = once((workflow) => this.activations.labels(workflow));
  private readonly dispatchesOf = once((step) => this.dispatches.labels(step));
  private readonly attemptSecondsOf = once((step) => this.attemptSeconds.labels(step));
  private readonly attemptsOf = once((step) => once((event) => this.attempts.labels(step, outcomeOf(event))));

  constructor(
    registry: MetricsRegistry,
    prefix: string,
    private readonly known: WorkflowRegistry,
  ) {
    super(registry, prefix);
  }

  onRunStart(workflow: string): void {
    this.runsStarted.inc({ workflow });
  }

  onRunEnd(name: string, status: RunStatus, durationMs: number): void {
    const workflow = this.nameOf(name);
    this.runsEnded.inc({ workflow, status });
    this.runSeconds.observe({ workflow }, durationMs / 1_000);
  }

  onRunHalt(name: string, status: RunStatus): void {
    this.runsHalted.inc({ workflow: this.nameOf(name), status });
  }

  onActivation(workflow: string): void {
    this.activationsOf(workflow).inc();
  }

  onReplay(workflow: string): void {
    this.replays.inc({ workflow });
  }

  onOrdinaryAwait(workflow: string): void {
    this.ordinaryAwaits.inc({ workflow });
  }

  onCommit(): void {
    this.commits.inc();
  }

  onFenced(): void {
    this.fencings.inc();
  }

  onStale(): void {
    this.staleOutcomes.inc();
  }

  onWake(): void {
    this.wakes.inc();
  }

  onDispatch(step: string): void {
    this.dispatchesOf(step).inc();
  }

  onAttemptEnd(step: string, outcome: EventType, durationMs: number): void {
    this.attemptsOf(step)(outcome).inc();
    this.attemptSecondsOf(step).observe(durationMs / 1_000);
  }

  /** A run may be of a workflow that this process does not know, and that the store alone has the name of. */
  private nameOf(workflow: string): string {
    return this.known.workflow(workflow) ? workflow : 'unknown';
  }
}

/** Remembers what it made: looking labels up costs more than counting does. */
function once<T>(make: (name: string) => T): (name: string) => T {
  const made = new Map<string, T>();
  return (name) => {
    let it = made.get(name);
    if (it === undefined) made.set(name, (it = make(name)));
    return it;
  };
}

function outcomeOf(event: string): string {
  return event.replace('step.', '');
}
