import { type InboxDraft, nameOf, type StepTask, type TurnoverMap } from '../core/index.js';
import { Delays } from './delays.js';
import { unknownStep } from './errors.js';
import type { EnginePorts } from './ports.js';
import type { Session } from './session.js';
import { StepExecutor, type StepOutcome } from './step-executor.js';
import { StepPace } from './step-pace.js';
import { StepWorker } from './step-worker.js';

const FIRST_HAND_BACK_MS = 1_000;
const DONE = Promise.resolve();

/** The runs that a desk works for. */
interface Runs {
  readonly sessions: Pick<TurnoverMap<string, Session>, 'get'>;
  onFailed(runId: string, error: unknown): void;
}

/** Hands the attempts of sessions to those who run steps, and their outcomes back to the runs. */
export class StepDesk {
  readonly executor: StepExecutor;
  /** Runs attempts for other processes. */
  readonly worker: StepWorker;
  /** When this process was first asked for a step that it does not know. */
  private readonly unknownSince = new Map<string, number>();
  private readonly delays: Delays;
  /** How long steps take that other processes run. */
  private readonly pace = new StepPace();

  constructor(
    private readonly ports: EnginePorts,
    private readonly runs: Runs,
  ) {
    this.executor = new StepExecutor(ports);
    this.worker = new StepWorker(ports, this.executor);
    this.delays = new Delays(ports.clock);
  }

  /** There is new code: what has waited for it need wait no longer. */
  retryUnknown(): void {
    this.delays.end(true);
  }

  /** Waits for no code any more. */
  stop(): void {
    this.delays.stop();
  }

  /** Whether attempts of a step of this process' runs run in this process. */
  runsHere(stepName: string): boolean {
    const { options, registry } = this.ports;
    return options.role === 'all' || registry.step(stepName)?.local === true;
  }

  dispatch(task: StepTask, isAgain: boolean): void {
    this.ports.counters.onDispatch(task.step);
    const queue = this.ports.registry.step(task.step)?.queue;
    this.hand(task, queue, isAgain ? undefined : this.expectedMs(task, queue));
  }

  /** Another process has told a run how an attempt has ended, among other things. */
  noteMessage(draft: InboxDraft): void {
    switch (draft.type) {
      case 'step.completed':
      case 'step.failed':
      case 'step.retrying':
      case 'step.exhausted':
        this.pace.note(nameOf(draft.id), draft.attributes.tookMs ?? 0);
    }
  }

  /** Runs an attempt of a run that this process holds, and tells the run what came of it. */
  handle(task: StepTask): Promise<void> {
    const session = this.sessionOf(task);
    // Whoever has taken the run over dispatches the call again.
    if (!session?.attempts.begin(task.id, task.attempt)) {
      this.ports.counters.onStale();
      return DONE;
    }
    if (!this.ports.registry.step(task.step)) {
      this.waitForCode(task);
      return DONE;
    }
    return this.executor
      .execute(task, { workflowName: task.workflow, tags: session.tags })
      .then((outcome) => this.tell(task, outcome));
  }

  private tell(task: StepTask, outcome: StepOutcome | undefined): void {
    const holder = this.sessionOf(task);
    if (outcome && holder?.attempts.isRunning(task.id, task.attempt)) holder.post(outcome);
  }

  /** Runs an attempt for another process, or hands it on if the step is not known here, as in a rolling deploy. */
  handleForOthers(task: StepTask, queue: string | undefined): Promise<void> {
    if (!this.ports.registry.step(task.step)) return this.handOn(task, queue);
    this.unknownSince.delete(task.step);
    return this.worker.handle(task);
  }

  private async handOn(task: StepTask, queue: string | undefined): Promise<void> {
    const { clock, options } = this.ports;
    const waitedMs = clock.now() - this.noteUnknown(task);
    const delayMs = Math.min(options.recoveryIntervalMs, Math.max(FIRST_HAND_BACK_MS, waitedMs));
    // Its handler is done: a worker that waits takes other work.
    void this.delays.wait(delayMs).then(() => this.hand(task, queue));
  }

  /** @returns undefined if nothing is to travel with it: it may be what kills its process, or messages are counted */
  private expectedMs(task: StepTask, queue: string | undefined): number | undefined {
    const isCounted = queue !== undefined && this.ports.options.queueRateLimits.has(queue);
    return task.lost > 0 || isCounted ? undefined : this.pace.expectedMs(task.step);
  }

  private hand(task: StepTask, queue: string | undefined, expectedMs?: number): void {
    const { logger, localQueue, queue: shared } = this.ports;
    const isOwn = task.owner === this.ports.options.owner && this.runsHere(task.step);
    (isOwn ? localQueue : shared).dispatch(task, queue, expectedMs).catch((error: unknown) => {
      // A lost message is what the alarms are for.
      this.sessionOf(task)?.attempts.noteUnsent(task.id, task.attempt);
      logger.warn('a step call could not be handed to its queue', { runId: task.runId, stepId: task.id, error });
    });
  }

  /** The session that dispatched a task, if it still holds the run. */
  private sessionOf(task: StepTask): Session | undefined {
    const session = this.runs.sessions.get(task.runId);
    return session?.fence === task.fence ? session : undefined;
  }

  /** Nobody here knows the step: again later, uncounted, and blocked when it has been in vain for long. */
  private waitForCode(task: StepTask): void {
    const { clock, options } = this.ports;
    const since = this.noteUnknown(task);
    if (clock.now() - since >= options.unknownNameMs) {
      this.sessionOf(task)?.close();
      this.runs.onFailed(task.runId, unknownStep(task.step));
      return;
    }
    void this.delays.wait(options.recoveryIntervalMs).then(() => {
      const holder = this.sessionOf(task);
      holder?.attempts.takeBack(task.id);
      holder?.wake();
    });
  }

  /** @returns since when the step is missing */
  private noteUnknown({ runId, id, step }: StepTask): number {
    const since = this.unknownSince.get(step);
    if (since !== undefined) return since;
    const now = this.ports.clock.now();
    this.unknownSince.set(step, now);
    this.ports.logger.warn(`no step is named "${step}" in this process: its calls wait for a process that knows it`, {
      runId,
      stepId: id,
    });
    return now;
  }
}
