import { type JobsOptions, Queue, type QueueOptions } from 'bullmq';
import type { RedisLink } from './redis-link.js';
import { TooManyMessagesError } from './errors.js';
import { pushWakes } from './wake-list.js';

/** What waits to be sent is a hint that the store can give again, so it must not fill the memory. */
const MOST_WAITING = 10_000;
/** Events are for those who watch queues; each queue keeps its last ones. */
const MOST_EVENTS = 1_000;
const JOB_OPTIONS: JobsOptions = {
  removeOnComplete: true,
  removeOnFail: true,
  // For a handler that throws, which is a fault of ours: attempts of steps are counted in the store.
  attempts: 3,
  backoff: { type: 'exponential', delay: 1_000 },
};

export interface Message {
  readonly name: string;
  readonly data: unknown;
  /** For how long a message that waits holds off others with its key. @default as long as it waits */
  readonly holdsOffMs?: number;
}

/** By queue and key, or by list and text. */
type Batch = Map<string, Map<string, Message | undefined>>;
/** By queue or list. */
type Failures = ReadonlyMap<string, unknown>;

/**
 * Sends the messages of one turn together: one command for each queue or list, and the next ones when those are there.
 *
 * A message with the key of one that still waits in its queue is dropped, by BullMQ's deduplication. A job id would not
 * do: BullMQ holds it until the job has ended, so a wake that came while the run was being looked at would be lost.
 */
export class Outbox {
  private readonly queues = new Map<string, Queue>();
  private waiting: Batch = new Map();
  private count = 0;
  /** The batch that is being gathered; undefined if nothing waits. */
  private next: Promise<Failures> | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly link: RedisLink,
    private readonly prefix: string,
  ) {}

  /** Resolves when the message is in its queue. */
  add(queue: string, key: string, message: Message): Promise<void> {
    return this.gather(queue, key, message);
  }

  /** Resolves when the wake is in its list, whose name is a key of Redis and so that of no queue. */
  addWake(list: string, runId: string): Promise<void> {
    return this.gather(list, runId, undefined);
  }

  private async gather(queue: string, key: string, message: Message | undefined): Promise<void> {
    const messages = this.waiting.get(queue) ?? new Map<string, Message | undefined>();
    if (!messages.has(key)) {
      if (this.count >= MOST_WAITING) throw new TooManyMessagesError(MOST_WAITING);
      this.count += 1;
    }
    this.waiting.set(queue, messages.set(key, message));
    const failures = await (this.next ??= this.sendNext());
    if (failures.has(queue)) throw failures.get(queue);
  }

  /** BullMQ's own handle of a queue, on the connection that they share. */
  queue(name: string): Queue {
    let queue = this.queues.get(name);
    if (!queue) {
      queue = new Queue(name, this.queueOptions);
      queue.on('error', (error) => this.link.report(error));
      this.queues.set(name, queue);
    }
    return queue;
  }

  get queueOptions(): QueueOptions {
    return {
      connection: this.link.client,
      prefix: this.prefix,
      skipVersionCheck: true,
      defaultJobOptions: JOB_OPTIONS,
      streams: { events: { maxLen: MOST_EVENTS } },
    };
  }

  /** Lets go of the handle of a queue that is used no more. */
  forget(name: string): void {
    void this.queues.get(name)?.close();
    this.queues.delete(name);
  }

  /** Waits until all that was handed in has been sent, or has failed. */
  async flush(): Promise<void> {
    await this.last;
  }

  close(): void {
    for (const name of [...this.queues.keys()]) this.forget(name);
  }

  /** At the end of the turn, and after the batch before it: under load, batches grow instead of waiting in line. */
  private sendNext(): Promise<Failures> {
    const endOfTurn = new Promise((resolve) => setImmediate(resolve));
    const next = Promise.all([endOfTurn, this.last]).then(async () => {
      const batch = this.waiting;
      this.waiting = new Map();
      this.next = undefined;
      this.count = 0;
      return this.send(batch);
    });
    this.last = next;
    return next;
  }

  /** Never rejects. @returns what went wrong, by queue */
  private async send(batch: Batch): Promise<Failures> {
    const failures = new Map<string, unknown>();
    const sent = [...batch].map(async ([name, messages]) => {
      try {
        await this.link.send(() => this.carry(name, messages));
      } catch (error) {
        failures.set(name, error);
      }
    });
    await Promise.all(sent);
    return failures;
  }

  private async carry(name: string, messages: ReadonlyMap<string, Message | undefined>): Promise<void> {
    const jobs = [...messages].flatMap(([key, message]) => (message ? [toJob(key, message)] : []));
    if (jobs.length > 0) await this.queue(name).addBulk(jobs);
    else await pushWakes(this.link.client, name, [...messages.keys()]);
  }
}

function toJob(key: string, { name, data, holdsOffMs }: Message) {
  return { name, data, opts: { deduplication: { id: key, ...(holdsOffMs !== undefined && { ttl: holdsOffMs }) } } };
}
