export type { BullMqQueueOptions, RedisConnectionOptions } from './bullmq.options.js';
export { BullMqQueuesModule, type BullMqQueuesOptions } from './bullmq-queues.module.js';
export { BullMqQueue } from './bullmq.queue.js';
export { RedisNotifier, type RedisNotifierOptions } from './redis.notifier.js';
export type { RedisConnection } from './redis-connection.js';
export { RedisUnavailableError, TooManyMessagesError, UnreadableJobError } from './errors.js';
