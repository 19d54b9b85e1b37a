import type { Duration, WorkflowQueue } from '../../libs/core/index.js';

/** What a process tells others it tells itself: for one process, or several equal ones on a storage that they share. */
export interface InProcessQueueChoice {
  readonly type: 'in-process';
}

/** BullMQ on Redis: for orchestrators and step workers in processes of their own. */
export interface BullMqQueueChoice {
  readonly type: 'bullmq';
  /** Such as `redis://user:password@host:6379/0`. Environment: PYWORKFLOW_REDIS_URL. @default Redis on 127.0.0.1:6379 */
  readonly url?: string;
  /**
   * Instead of `url`: what BullMQ takes as `connection`, such as that of `BullModule.forRoot()`: options of ioredis, with
   * or without a `url`, or a client, whose options are taken.
   */
  readonly connection?: object;
  /** What the keys begin with, so that several applications can share one Redis. Environment: PYWORKFLOW_QUEUE_PREFIX. @default 'pyworkflow' */
  readonly prefix?: string;
}

/** One of ours, or a queue of your own. */
export type QueueChoice = InProcessQueueChoice | BullMqQueueChoice | WorkflowQueue;

/** How one process takes the steps of a named step queue. */
export interface QueueOptions {
  /** How many of its steps one process runs at once. @default stepConcurrency */
  readonly concurrency?: number;
  /** How many of its steps begin in some time: on BullMQ in all processes together, else in each. @default no limit */
  readonly rateLimit?: QueueRateLimit;
}

/** At most `max` steps begin in each `per`. */
export interface QueueRateLimit {
  readonly max: number;
  readonly per: Duration;
}
