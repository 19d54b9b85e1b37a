import { type JobsOptions, Queue, type QueueOptions } from 'bullmq';
import type { Wakes } from './messages.js';
import { stepQueueOf, WORKFLOWS } from './names.js';
import type { Destination } from './outbox.js';
import type { RedisLink } from './redis-link.js';
import { type StepCall, stepJobs } from './step-jobs.js';

/** Events are for those who watch queues; each queue keeps its last ones. */
const MOST_EVENTS = 1_000;
/** How many runs one job wakes: enough to make it cheap, and few enough that several processes share the work. */
const WAKES_OF_A_JOB = 20;
const JOB_OPTIONS: JobsOptions = {
  removeOnComplete: true,
  removeOnFail: true,
  // For a handler that throws, which is a fault of ours: attempts of steps are counted in the store.
  attempts: 3,
  backoff: { type: 'exponential', delay: 1_000 },
};

/** The queues of BullMQ, for those who send: a handle of each, on the connection that they share. */
export class JobQueues {
  /** Wakes of runs that nobody holds, by run. One job has several. */
  readonly wakes: Destination<undefined> = {
    name: WORKFLOWS,
    send: async (messages) => {
      const jobs = chunksOf([...messages.keys()], WAKES_OF_A_JOB).map((runIds) => ({
        name: 'wake',
        data: { runIds } satisfies Wakes,
      }));
      await this.handle(WORKFLOWS).addBulk(jobs);
    },
  };
  private readonly handles = new Map<string, Queue>();

  constructor(
    private readonly link: RedisLink,
    private readonly prefix: string,
  ) {}

  /** For handles of the same queues that others make. */
  get options(): QueueOptions {
    return {
      connection: this.link.client,
      prefix: this.prefix,
      skipVersionCheck: true,
      defaultJobOptions: JOB_OPTIONS,
      streams: { events: { maxLen: MOST_EVENTS } },
    };
  }

  /** Step calls, by their keys. */
  steps(queue: string | undefined): Destination<StepCall> {
    const name = stepQueueOf(queue);
    return {
      name,
      send: async (calls) => {
        await this.handle(name).addBulk(stepJobs(calls));
      },
    };
  }

  close(): void {
    for (const queue of this.handles.values()) void queue.close();
    this.handles.clear();
  }

  private handle(name: string): Queue {
    let queue = this.handles.get(name);
    if (!queue) {
      queue = new Queue(name, this.options);
      queue.on('error', (error) => this.link.report(error));
      this.handles.set(name, queue);
    }
    return queue;
  }
}

function chunksOf<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
