import { Redis } from 'ioredis';

/** What BullMQ keeps of a queue that is empty: settings and counters, a stream of what happened, a lock of its own. */
const KEPT = /:(meta|id|events|stalled-check|limiter|marker|pc)$/;

/** No message is left in Redis of runs that have ended. */
export async function checkRedis(url: string, prefix: string): Promise<string[]> {
  const redis = new Redis(url);
  try {
    const left: string[] = [];
    for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1_000 })) left.push(...(keys as string[]));
    const messages = left.filter((key) => !KEPT.test(key));
    return messages.length === 0
      ? []
      : [`${messages.length} keys are left in Redis: ${messages.slice(0, 5).join(', ')} ...`];
  } finally {
    redis.disconnect();
  }
}
