import { FlowProducer, type Job, Queue, Worker } from 'bullmq';
import type { BenchEngine, EngineContext, EngineEntry, Started } from '../engine.js';
import type { Probe } from '../probe.js';

const QUEUE = 'bench';
const HAS_NO_HISTORY = 'keeps no history';

/** Chained jobs, not durable workflows: what the queue alone can do. */
export const bullmqRedis: EngineEntry = {
  title: 'raw BullMQ 6.7 on Redis, which keeps no history',
  config: 'one worker, concurrency 50; W1, W2: a flow of 3 nested jobs; W3: a flow of 200 children; W5: delayed jobs',
  needs: ['redis'],
  skips: {
    W5M: HAS_NO_HISTORY,
    W6: 'cannot wait for an event',
    W7: HAS_NO_HISTORY,
    W8: HAS_NO_HISTORY,
    IDLE: 'has no PostgreSQL',
  },
  async open(context) {
    const engine = new BullMqEngine(context);
    await engine.ready();
    return engine;
  },
};

class BullMqEngine implements BenchEngine {
  private readonly queue: Queue;
  private readonly flows: FlowProducer;
  private readonly worker: Worker;
  private readonly results = new Results();
  private readonly chains = new Map<string, (value: number) => void>();
  private readonly probe: Probe;

  constructor({ probe, redisUrl = '', keyPrefix = '' }: EngineContext) {
    const { hostname, port, username, password } = new URL(redisUrl);
    const options = {
      connection: {
        host: hostname,
        port: Number(port || 6379),
        username: decodeURIComponent(username),
        password: decodeURIComponent(password),
        maxRetriesPerRequest: null,
      },
      prefix: keyPrefix.replace(/:$/, ''),
    };
    this.probe = probe;
    this.queue = new Queue(QUEUE, options);
    this.flows = new FlowProducer(options);
    this.worker = new Worker(QUEUE, (job) => this.process(job), { ...options, concurrency: 50 });
    this.worker.on('completed', ({ id, name }, value: number) => {
      if (name !== 'chain' && id !== undefined) this.results.tell(id, value);
    });
    const ignore = (): void => {}; // it connects again by itself
    this.queue.on('error', ignore);
    this.flows.on('error', ignore);
    this.worker.on('error', ignore);
  }

  async ready(): Promise<void> {
    await Promise.all([this.queue.waitUntilReady(), this.worker.waitUntilReady()]);
  }

  async three(start: number): Promise<Started> {
    const first = { name: 'first', queueName: QUEUE, data: { value: start } };
    const second = { name: 'next', queueName: QUEUE, children: [first] };
    const { job } = await this.flows.add({ name: 'next', queueName: QUEUE, children: [second] });
    return this.resultOf(job);
  }

  async fanOut(width: number): Promise<number> {
    const children = Array.from({ length: width }, (_, value) => ({
      name: 'first',
      queueName: QUEUE,
      data: { value },
    }));
    const { job } = await this.flows.add({ name: 'sum', queueName: QUEUE, children });
    return this.resultOf(job).result();
  }

  async sequential(steps: number): Promise<number> {
    const key = `chain-${this.chains.size}`;
    const done = new Promise<number>((resolve) => this.chains.set(key, resolve));
    await this.queue.add('chain', { value: 0, steps, key });
    return done;
  }

  async sleeper(index: number, ms: number): Promise<Started> {
    const job = await this.queue.add('sleeper', { index }, { delay: ms });
    this.probe.sleeps(index, ms - (Date.now() - job.timestamp));
    return this.resultOf(job);
  }

  async close(): Promise<void> {
    await this.worker.close(true);
    await Promise.all([this.flows.close(), this.queue.close()]);
  }

  private resultOf({ id }: Job): Started {
    return { result: () => this.results.of(id!) };
  }

  private async process(job: Job): Promise<number> {
    switch (job.name) {
      case 'first':
        return this.probe.step(job.data.value);
      case 'next':
        return this.probe.step((await childValues(job))[0]!);
      case 'sum':
        return (await childValues(job)).reduce((sum, value) => sum + value, 0);
      case 'chain': {
        const value = await this.probe.step(job.data.value);
        if (value < job.data.steps) await this.queue.add('chain', { ...job.data, value });
        else this.chains.get(job.data.key)?.(value);
        return value;
      }
      case 'sleeper':
        this.probe.wakes(job.data.index);
        return job.data.index;
      default:
        throw new Error(`There is no job "${job.name}".`);
    }
  }
}

/** Results of jobs, which may come before somebody asks. The worker tells, since it is in this process. */
class Results {
  private readonly waiters = new Map<string, (value: number) => void>();
  private readonly early = new Map<string, number>();

  tell(id: string, value: number): void {
    const waiter = this.waiters.get(id);
    if (!waiter) return void this.early.set(id, value);
    this.waiters.delete(id);
    waiter(value);
  }

  of(id: string): Promise<number> {
    const value = this.early.get(id);
    this.early.delete(id);
    if (value !== undefined) return Promise.resolve(value);
    return new Promise((resolve) => this.waiters.set(id, resolve));
  }
}

async function childValues(job: Job): Promise<readonly number[]> {
  return Object.values(await job.getChildrenValues<number>());
}
