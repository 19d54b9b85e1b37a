import type { QueueOptions } from 'bullmq';
import { type ConsumeStepsOptions, type StepTask, WorkflowQueue } from '../core/index.js';
import { allEnded } from './all-ended.js';
import { type BullMqQueueOptions, DEFAULT_PREFIX, warn } from './bullmq.options.js';
import { JobWorker } from './job-worker.js';
import { JobQueues } from './job-queues.js';
import { readWakes, type Wakes } from './messages.js';
import { stepKeyOf, stepQueueOf, wakeListOf, WORKFLOWS } from './names.js';
import { Outbox } from './outbox.js';
import { ProcessDirectory } from './process-directory.js';
import { RedisLink } from './redis-link.js';
import { StepConsumer } from './step-consumer.js';
import { takeWakes, WakeList, wakeListAt } from './wake-list.js';

const DEFAULT_PATIENCE_MS = 2_000;
const DEFAULT_LOCK_MS = 15_000;
/** Activations are short and wait for the store most of the time. */
const WAKE_CONCURRENCY = 100;

/**
 * Carries wakes and step calls over BullMQ on Redis.
 *
 * Queues: `workflows` for runs that nobody holds, `steps`, and `steps-<name>` for named step queues. Wakes of runs that
 * a process holds are in a list, `wakes-<process>`.
 */
export class BullMqQueue extends WorkflowQueue {
  /** What all keys begin with. */
  readonly prefix: string;
  private readonly link: RedisLink;
  private readonly outbox: Outbox;
  private readonly queues: JobQueues;
  private readonly directory: ProcessDirectory;
  private readonly workers: { drain(patienceMs: number): Promise<void> }[] = [];
  private readonly owners = new Set<string>();
  private readonly patienceMs: number;
  /** What all takers of jobs are told. */
  private readonly jobs: { readonly prefix: string; readonly lockMs: number };
  private draining: Promise<void> | undefined;
  private closing: Promise<void> | undefined;

  constructor(options: BullMqQueueOptions = {}) {
    super();
    const { prefix = DEFAULT_PREFIX, onError = warn, patienceMs = DEFAULT_PATIENCE_MS } = options;
    this.prefix = prefix;
    this.patienceMs = patienceMs;
    this.jobs = { prefix, lockMs: options.lockMs ?? DEFAULT_LOCK_MS };
    this.link = new RedisLink(options, patienceMs, onError);
    this.outbox = new Outbox(this.link);
    this.queues = new JobQueues(this.link, prefix);
    this.directory = new ProcessDirectory(this.link, prefix);
  }

  /** For handles of the same queues that others make, on the connection that all but the blocking commands share. */
  get queueOptions(): QueueOptions {
    return this.queues.options;
  }

  /** Passes on what went wrong with such a handle. */
  readonly report = (error: unknown): void => this.link.report(error);

  /** The connection that all but the blocking commands share. */
  get client(): RedisLink['client'] {
    return this.link.client;
  }

  /** @throws RedisUnavailableError, TooManyMessagesError */
  override async wake(runId: string, owner?: string): Promise<void> {
    const isHeld = owner !== undefined && (await this.directory.isAlive(owner));
    const destination = isHeld ? wakeListAt(this.link.client, wakeListOf(this.prefix, owner)) : this.queues.wakes;
    await this.outbox.add(destination, runId, undefined);
  }

  /** @throws RedisUnavailableError, TooManyMessagesError */
  override dispatch(task: StepTask, queue?: string, expectedMs = Infinity): Promise<void> {
    return this.outbox.add(this.queues.steps(queue), stepKeyOf(task), { task, expectedMs });
  }

  override async consumeWakes(owner: string, handle: (runId: string) => Promise<void>): Promise<void> {
    this.owners.add(owner);
    if (!this.draining) {
      const options = { ...this.jobs, queue: WORKFLOWS, concurrency: WAKE_CONCURRENCY, read: readWakes };
      const handleJob = ({ runIds }: Wakes): Promise<true> =>
        allEnded(runIds.map(async (runId) => handle(runId))).then(() => true);
      this.workers.push(new JobWorker(this.link, { ...options, handle: handleJob }));
      this.workers.push(new WakeList(this.link, wakeListOf(this.prefix, owner), handle));
    }
    await this.directory.join(owner);
  }

  /** With a rate limit, `max` holds for all processes that take from the queue together. */
  override async consumeSteps(
    { queue, concurrency, rateLimit }: ConsumeStepsOptions,
    handle: (task: StepTask) => Promise<void>,
  ): Promise<void> {
    if (this.draining) return;
    const limiter = rateLimit && { max: rateLimit.max, duration: rateLimit.durationMs };
    const options = { ...this.jobs, queue: stepQueueOf(queue), concurrency, ...(limiter && { limiter }) };
    const passOn = (task: StepTask): Promise<void> => this.dispatch(task, queue);
    this.workers.push(new StepConsumer(this.link, options, { run: handle, passOn }));
  }

  override drain(): Promise<void> {
    this.draining ??= Promise.all(this.workers.map((worker) => worker.drain(this.patienceMs))).then(() => {});
    return this.draining;
  }

  override close(): Promise<void> {
    this.closing ??= this.letGo();
    return this.closing;
  }

  private async letGo(): Promise<void> {
    await this.drain();
    await this.directory.leave();
    for (const owner of this.owners) await this.handOver(owner).catch((error: unknown) => this.link.report(error));
    await this.outbox.flush();
    this.queues.close();
    await this.link.close();
  }

  /** Gives the wakes that came too late for this process to anyone. */
  private async handOver(owner: string): Promise<void> {
    const list = wakeListOf(this.prefix, owner);
    for (let runIds = await this.takeWakes(list); runIds.length > 0; runIds = await this.takeWakes(list)) {
      await Promise.all(runIds.map((runId) => this.wake(runId)));
    }
  }

  private takeWakes(list: string): Promise<readonly string[]> {
    return this.link.send(() => takeWakes(this.link.client, list));
  }
}
