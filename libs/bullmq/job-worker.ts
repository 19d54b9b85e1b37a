import { type Job, type RateLimiterOptions, WaitingError, Worker } from 'bullmq';
import { UnreadableJobError } from './errors.js';
import { type RedisLink, within } from './redis-link.js';

export interface JobWorkerOptions<Message> {
  readonly queue: string;
  readonly prefix: string;
  readonly concurrency: number;
  readonly limiter?: RateLimiterOptions;
  readonly lockMs: number;
  readonly read: (data: unknown) => Message | undefined;
  /** @returns false if nothing of it could be begun: it goes back to the queue */
  readonly handle: (message: Message) => Promise<boolean>;
}

/** How long an idle worker waits in one blocking command; a job ends the wait at once. */
const IDLE_WAIT_S = 10;
const RETRY_MS = 1_000;

/** Takes the jobs of one queue, and knows which of them are being handled. */
export class JobWorker<Message> {
  private readonly worker: Worker;
  private readonly handling = new Set<Promise<unknown>>();
  private isDraining = false;

  constructor(
    private readonly link: RedisLink,
    private readonly options: JobWorkerOptions<Message>,
  ) {
    const { queue, prefix, concurrency, limiter, lockMs } = options;
    this.worker = new Worker(queue, (job, token) => this.process(job, token), {
      connection: link.client,
      prefix,
      concurrency,
      ...(limiter && { limiter }),
      lockDuration: lockMs,
      stalledInterval: Math.ceil(lockMs / 3),
      drainDelay: IDLE_WAIT_S,
      runRetryDelay: RETRY_MS,
    });
    this.worker.on('error', (error) => link.report(error));
    this.worker.on('failed', (_, error) => link.report(error));
  }

  /** Takes no more, and waits for the handlers that run; a job that was taken and not begun goes back. */
  async drain(patienceMs: number): Promise<void> {
    this.isDraining = true;
    const closed = this.worker.close();
    await Promise.all(this.handling);
    // What is left is to tell Redis so. BullMQ would wait for a connection that is away, for ever: the locks run out.
    await within(closed, patienceMs, () => new Error('late')).catch(() => {});
  }

  private async process(job: Job, token: string | undefined): Promise<void> {
    if (this.isDraining) return putBack(job, token);
    const message = this.options.read(job.data);
    if (message === undefined) return this.link.report(new UnreadableJobError(this.options.queue, job.id));
    const handled = this.options.handle(message);
    const settled: Promise<unknown> = handled.then(
      () => this.handling.delete(settled),
      () => this.handling.delete(settled),
    );
    this.handling.add(settled);
    if (!(await handled)) return putBack(job, token);
  }
}

async function putBack(job: Job, token: string | undefined): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}
