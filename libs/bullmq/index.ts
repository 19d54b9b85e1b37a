export type { BullMqQueueOptions, RedisConnectionOptions } from './bullmq.options.js';
export { BullMqQueue } from './bullmq.queue.js';
export { RedisNotifier, type RedisNotifierOptions } from './redis.notifier.js';
export { RedisUnavailableError, TooManyMessagesError, UnreadableJobError } from './errors.js';
