import type { StepTask } from '../core/index.js';
import { allEnded } from './all-ended.js';
import { JobWorker, type JobWorkerOptions } from './job-worker.js';
import { readTasks } from './messages.js';
import type { RedisLink } from './redis-link.js';
import { StepPlaces } from './step-places.js';

interface StepHandlers {
  run(task: StepTask): Promise<void>;
  /** Gives a call that was taken along with others a job of its own. */
  passOn(task: StepTask): Promise<void>;
}

/** Takes the jobs of one step queue, and runs the calls in them: at most `concurrency` at once. */
export class StepConsumer {
  private readonly worker: JobWorker<readonly StepTask[]>;
  private readonly places: StepPlaces;
  private readonly isLimited: boolean;

  constructor(
    link: RedisLink,
    options: Omit<JobWorkerOptions<never>, 'read' | 'handle'>,
    private readonly handlers: StepHandlers,
  ) {
    this.places = new StepPlaces(options.concurrency);
    this.isLimited = options.limiter !== undefined;
    this.worker = new JobWorker(link, { ...options, read: readTasks, handle: (tasks) => this.handle(tasks) });
  }

  /** Takes no more, and waits for the calls that run; others go back. */
  drain(patienceMs: number): Promise<void> {
    this.places.close();
    return this.worker.drain(patienceMs);
  }

  private async handle(tasks: readonly StepTask[]): Promise<boolean> {
    if (tasks.length === 1) return this.run(tasks[0]!);
    await allEnded(tasks.map((task, index) => this.runOrPassOn(task, index)));
    return true;
  }

  /** What runs for long keeps a place, and those that have come along with it are not to wait for that. */
  private async runOrPassOn(task: StepTask, index: number): Promise<void> {
    // A limit of rate counts jobs: each has one call to its credit.
    const mayRun = index === 0 || !this.isLimited;
    if (!mayRun || !(await this.run(task))) await this.handlers.passOn(task);
  }

  /** @returns false if there is no place for it */
  private async run(task: StepTask): Promise<boolean> {
    const place = this.places.take();
    if (place !== true && !(await place)) return false;
    try {
      await this.handlers.run(task);
      return true;
    } finally {
      this.places.leave();
    }
  }
}
