import type { InboxDraft, StepTask } from '../core/index.js';
import { AttemptKeeper } from './attempt-keeper.js';
import { Delays } from './delays.js';
import { Limiter } from './limiter.js';
import type { EnginePorts } from './ports.js';
import type { StepExecutor } from './step-executor.js';

const FIRST_RETRY_MS = 100;

/**
 * Runs attempts for the processes that hold their runs, which may be others by the time that they end.
 *
 * W1. An attempt runs once: the store lets one worker begin it.
 * W2. Its outcome goes into the run's inbox, however long that takes, unless the attempt is superseded meanwhile.
 * W3. Attempts whose predecessors have vanished with their process run one at a time: one of them may be why.
 */
export class StepWorker {
  private readonly keeper: AttemptKeeper;
  private readonly suspects = new Limiter(1);
  private readonly delays: Delays;
  private readonly unsubscribe: (() => void)[] = [];

  constructor(
    private readonly ports: EnginePorts,
    private readonly executor: StepExecutor,
  ) {
    this.keeper = new AttemptKeeper(ports);
    this.delays = new Delays(ports.clock);
  }

  start(): void {
    this.keeper.start();
    const { notifier } = this.ports;
    this.unsubscribe.push(
      notifier.subscribe((notice) => {
        if (notice.type === 'step.aborted') this.keeper.abort(notice.runId, notice.stepId);
      }),
      // The heartbeat of an attempt that is to stop is refused.
      notifier.onMissed(() => void this.keeper.beatAll()),
    );
  }

  stop(): void {
    for (const end of this.unsubscribe.splice(0)) end();
    this.keeper.stop();
    this.delays.stop();
  }

  /** Runs an attempt and tells its run what came of it. Rejects if the store cannot be asked whether it may begin. */
  handle(task: StepTask): Promise<void> {
    return task.lost > 0 ? this.suspects.run(() => this.run(task)) : this.run(task);
  }

  /** Gives the attempts that still run to others, since the process stops. */
  async handBackAll(): Promise<void> {
    const tasks = this.keeper.takeAll('The process is stopping.');
    const handBack = (task: StepTask): Promise<void> => {
      const attributes = { attempt: task.attempt, handedBack: true } as const;
      return this.append(task, { type: 'step.lost', id: task.id, attributes });
    };
    await Promise.all(
      tasks.map((task) =>
        handBack(task).catch((error: unknown) =>
          this.ports.logger.warn(
            'an attempt could not be handed back, and goes on elsewhere when its heartbeat is old',
            {
              runId: task.runId,
              stepId: task.id,
              error,
            },
          ),
        ),
      ),
    );
  }

  private async run(task: StepTask): Promise<void> {
    const { counters } = this.ports;
    const mayBegin = await this.keeper.begin(task, (why) => this.executor.abort(task.runId, task.id, why));
    if (!mayBegin) {
      counters.onStale();
      return;
    }
    try {
      const stored =
        task.payload === undefined ? await this.insist(task, 'read its arguments', () => this.load(task)) : task;
      if (!stored) return;
      const outcome = await this.executor.execute(
        { ...task, ...stored },
        { workflowName: task.workflow, tags: task.tags },
      );
      if (outcome) await this.insist(task, 'write its outcome', () => this.append(task, outcome));
    } finally {
      this.keeper.end(task);
    }
  }

  /** What the message has left out, since it is large. */
  private async load({ runId, id, sequence }: StepTask): Promise<Pick<StepTask, 'payload' | 'context'> | undefined> {
    const [event] = await this.ports.store.events.load(runId, sequence - 1, 1);
    if (event?.type === 'step.scheduled' && event.id === id) return { payload: event.payload, ...event.attributes };
    this.ports.logger.warn('a message names a step call that its history does not have, and is dropped', {
      runId,
      stepId: id,
    });
    return undefined;
  }

  /** Tries until the store has done it, as long as the attempt means something. */
  private async insist<T>(task: StepTask, what: string, effect: () => Promise<T>): Promise<T | undefined> {
    const { counters, logger, options } = this.ports;
    for (let tries = 0; this.keeper.isCurrent(task); tries++) {
      try {
        return await effect();
      } catch (error) {
        const delayMs = Math.min(options.recoveryIntervalMs, FIRST_RETRY_MS * 2 ** tries);
        logger.warn(`step ${task.id} could not ${what} in the store, and tries again in ${delayMs} ms`, {
          runId: task.runId,
          stepId: task.id,
          error,
        });
        await this.delays.wait(delayMs);
      }
    }
    counters.onStale();
    return undefined;
  }

  private async append({ runId, id, attempt }: StepTask, draft: InboxDraft): Promise<void> {
    const { store, clock, queue, logger } = this.ports;
    const result = await store.append({ runId, key: `step:${id}:${attempt}`, draft, receivedAt: clock.now() });
    if (result.type === 'ended' || result.type === 'unknown') {
      this.ports.counters.onStale();
      return;
    }
    await queue.wake(runId, result.owner).catch((error: unknown) => {
      logger.warn('a run could not be woken, and goes on at the next sweep', { runId, error });
    });
  }
}
