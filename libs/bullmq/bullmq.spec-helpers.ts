import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import type { StepTask } from '../core/index.js';
import { redisKeyPrefix, redisUrl } from '../../test/services/index.js';
import type { BullMqQueueOptions } from './bullmq.options.js';
import { BullMqQueue } from './bullmq.queue.js';

/** Queues of one test, with keys of their own. */
export async function givenQueues(more: BullMqQueueOptions = {}) {
  const errors: unknown[] = [];
  const queues: BullMqQueue[] = [];
  const connection = await redisUrl();
  const prefix = `${redisKeyPrefix()}${randomBytes(4).toString('hex')}`;
  return {
    prefix,
    errors,
    connect(options: BullMqQueueOptions = {}) {
      const queue = new BullMqQueue({
        connection,
        prefix,
        onError: (error) => errors.push(error),
        ...more,
        ...options,
      });
      queues.push(queue);
      return queue;
    },
    async cleanup() {
      await Promise.all(queues.map((queue) => queue.close()));
    },
  };
}

/** Uses a connection of its own to Redis. */
export async function withRedis<Result>(use: (redis: Redis) => Promise<Result>, connection?: string): Promise<Result> {
  const redis = new Redis(connection ?? (await redisUrl()));
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

export const task = (id: string, more: Partial<StepTask> = {}): StepTask => ({
  runId: 'r1',
  id,
  step: 'charge',
  attempt: 1,
  failures: 0,
  lost: 0,
  sequence: 2,
  payload: '["10.00"]',
  workflow: 'order',
  tags: [],
  owner: 'A',
  fence: 1,
  ...more,
});

/** Waits for something to be so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 15_000; !(await isSo());) {
    if (Date.now() > deadline) throw new Error(`It did not come in time: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
