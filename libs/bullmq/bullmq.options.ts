import type { RedisConnection } from './redis-connection.js';

/** How to reach Redis, and what is ours in it. */
export interface RedisConnectionOptions {
  /**
   * Such as `redis://user:password@host:6379/0`, the options of ioredis with or without a `url`, or a client of ioredis,
   * whose options are taken. It opens connections of its own. @default Redis on 127.0.0.1:6379
   */
  readonly connection?: RedisConnection;
  /** What all our keys and channels begin with, so that several applications can share one Redis. @default 'pyworkflow' */
  readonly prefix?: string;
  /** Told what went wrong: once for each outage, and once for each thing that goes wrong again and again. @default a warning of the process */
  readonly onError?: (error: unknown) => void;
}

/** What `BullMqQueue` takes. */
export interface BullMqQueueOptions extends RedisConnectionOptions {
  /** For how many milliseconds `wake` and `dispatch` wait for Redis before they reject. @default 2000 */
  readonly patienceMs?: number;
  /**
   * How many milliseconds a worker may be silent, for instance in a step that blocks the event loop, before its jobs
   * are given to another. As long as a lease: who is silent for longer has lost its attempts in the store as well.
   *
   * @default 15000
   */
  readonly lockMs?: number;
}

export const DEFAULT_PREFIX = 'pyworkflow';

/** Says on stderr what went wrong, for want of a logger. */
export function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
