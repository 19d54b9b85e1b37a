import { type Notifier, WorkflowQueue, type WorkflowStore } from '../../libs/core/index.js';
import { InProcessNotifier, InProcessQueue } from '../../libs/memory/index.js';
import type { RedisConnection } from '../../libs/bullmq/index.js';
import type { EngineLogger } from '../../libs/runtime/index.js';
import type { BullMqQueueChoice, QueueChoice } from '../options/queue.options.js';
import { explainMissingPackage } from './missing-package.js';

/** What tells other processes of what has happened: beside the queue if that is on Redis, else through the store. */
export async function makeNotifier(
  queue: QueueChoice,
  store: WorkflowStore,
  logger: EngineLogger,
  load = loadBullMq,
): Promise<Notifier> {
  const what = 'notices to other processes';
  if (!isBullMq(queue)) return store.notifier?.({ onError: warnOf(what, logger) }) ?? new InProcessNotifier();
  const { RedisNotifier } = await load().catch(explain);
  return new RedisNotifier(redisOptions(queue, logger, what));
}

/**
 * The queue that the options ask for. It connects by itself.
 *
 * @param leaseMs how long a process may be silent, also one that has jobs
 */
export async function makeQueue(
  queue: QueueChoice,
  notifier: Notifier,
  logger: EngineLogger,
  leaseMs: number,
  load = loadBullMq,
): Promise<WorkflowQueue> {
  if (queue instanceof WorkflowQueue) return queue;
  if (!isBullMq(queue)) return new InProcessQueue({ notifier });
  const { BullMqQueue } = await load().catch(explain);
  return new BullMqQueue({ ...redisOptions(queue, logger, 'the queue'), lockMs: leaseMs });
}

/** What carries the steps that this process runs for its own runs. */
export function makeLocalQueue(queue: WorkflowQueue): WorkflowQueue {
  return queue instanceof InProcessQueue ? queue : new InProcessQueue();
}

function isBullMq(queue: QueueChoice): queue is BullMqQueueChoice {
  return !(queue instanceof WorkflowQueue) && queue.type === 'bullmq';
}

function redisOptions({ url, connection, prefix }: BullMqQueueChoice, logger: EngineLogger, what: string) {
  const place = url ?? (connection as RedisConnection | undefined);
  return {
    ...(place === undefined ? undefined : { connection: place }),
    ...(prefix === undefined ? undefined : { prefix }),
    onError: warnOf(what, logger),
  };
}

function warnOf(what: string, logger: EngineLogger) {
  return (error: unknown): void =>
    logger.warn(`${what}: ${error instanceof Error ? error.message : String(error)}`, { error });
}

/** Loaded when it is needed, so that applications without it need neither BullMQ nor a Redis client. */
function loadBullMq() {
  return import('../../libs/bullmq/index.js');
}

const explain = explainMissingPackage("queue of type 'bullmq'", 'Run: npm install bullmq @nestjs/bullmq ioredis.');
