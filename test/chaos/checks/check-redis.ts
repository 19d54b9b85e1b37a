import { Redis } from 'ioredis';
import type { Stage } from '../driver/stage.js';
import { waitFor } from '../driver/wait.js';

/**
 * What BullMQ keeps of a queue that is empty: settings and counters, a stream of what happened, a lock of its own; and
 * the list of the processes, which forgets those that were killed after some minutes.
 */
const KEPT = /:(meta|id|events|stalled-check|limiter|marker|pc|processes)$/;

/**
 * No message is left in Redis of runs that have ended, once the processes have had some time to take the last ones.
 * The wakes of a process that was killed go by themselves after some minutes.
 */
export async function checkRedis(stage: Stage, patienceMs: number): Promise<string[]> {
  if (stage.deployment.kind !== 'cluster') return [];
  const redis = new Redis(stage.options.servers.redisUrl);
  let left: readonly string[] = [];
  try {
    await waitFor(
      async () => (left = await findMessages(redis, stage)).length === 0,
      () => `${left.length} keys are left in Redis: ${left.slice(0, 5).join(', ')} ...`,
      patienceMs,
    );
    return [];
  } catch (error) {
    return [(error as Error).message];
  } finally {
    redis.disconnect();
  }
}

async function findMessages(redis: Redis, { prefix, deployment }: Stage): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const found of redis.scanStream({ match: `${prefix}*`, count: 1_000 })) keys.push(...(found as string[]));
  const wakes = `${prefix}:wakes-`;
  const taken = new Set(deployment.alive.map(({ owner }) => `${wakes}${owner}`));
  return keys.filter((key) => !KEPT.test(key) && (!key.startsWith(wakes) || taken.has(key)));
}
