import type { StepTask } from '../core/index.js';
import { UnknownNameError } from './errors.js';
import type { EnginePorts } from './ports.js';
import type { Session } from './session.js';
import { StepExecutor } from './step-executor.js';

/** The runs that a desk works for. */
interface Runs {
  readonly sessions: ReadonlyMap<string, Session>;
  onFailed(runId: string, error: unknown): void;
}

/** Hands the attempts of sessions to those who run steps, and their outcomes back to the runs. */
export class StepDesk {
  readonly executor: StepExecutor;
  /** When this process was first asked for a step that it does not know. */
  private readonly unknownSince = new Map<string, number>();

  constructor(
    private readonly ports: EnginePorts,
    private readonly runs: Runs,
  ) {
    this.executor = new StepExecutor(ports);
  }

  dispatch(task: StepTask): void {
    this.ports.counters.dispatches += 1;
    const queue = this.ports.registry.step(task.step)?.queue;
    this.ports.queue.dispatch(task, queue).catch((error: unknown) => {
      // A lost message is what the alarms are for.
      this.ports.logger.warn('a step call could not be handed to its queue', {
        runId: task.runId,
        stepId: task.id,
        error,
      });
    });
  }

  /** Runs an attempt and tells the run what came of it. */
  async handle(task: StepTask): Promise<void> {
    const session = this.sessionOf(task);
    // Whoever has taken the run over dispatches the call again.
    if (!session?.attempts.begin(task.id, task.attempt)) {
      this.ports.counters.stale += 1;
      return;
    }
    this.ports.counters.attempts += 1;
    const outcome = await this.executor.execute(task, { workflowName: task.workflow, tags: session.tags });
    if (!outcome) return this.handBack(task);
    const holder = this.sessionOf(task);
    if (holder?.attempts.isRunning(task.id, task.attempt)) holder.post(outcome);
  }

  /** The session that dispatched a task, if it still holds the run. */
  private sessionOf(task: StepTask): Session | undefined {
    const session = this.runs.sessions.get(task.runId);
    return session?.fence === task.fence ? session : undefined;
  }

  /** Nobody here knows the step, as in a rolling deploy: again later, uncounted, and blocked when it has been in vain for long. */
  private handBack(task: StepTask): void {
    const { clock, logger, options } = this.ports;
    const since = this.unknownSince.get(task.step) ?? clock.now();
    this.unknownSince.set(task.step, since);
    const session = this.sessionOf(task);
    if (clock.now() - since >= options.unknownNameMs) {
      session?.close();
      this.runs.onFailed(
        task.runId,
        new UnknownNameError(`No process knows the step "${task.step}". Deploy code that has it, then resume the run.`),
      );
      return;
    }
    logger.warn(`no step is named "${task.step}" in this process: its call waits for a process that knows it`, {
      runId: task.runId,
      stepId: task.id,
    });
    clock.schedule(clock.now() + options.recoveryIntervalMs, () => {
      const holder = this.sessionOf(task);
      holder?.attempts.takeBack(task.id);
      holder?.wake();
    });
  }
}
