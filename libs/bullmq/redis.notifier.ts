import { randomUUID } from 'node:crypto';
import { BroadcastNotifier } from '../core/index.js';
import { DEFAULT_PREFIX, type RedisConnectionOptions, warn } from './bullmq.options.js';
import { RedisChannel } from './redis-channel.js';

const DEFAULT_PATIENCE_MS = 2_000;
/** Redis would take more; a subscriber that lags behind is cut off when megabytes wait for it. */
const LONGEST_MESSAGE = 64_000;

/** What `RedisNotifier` takes. */
export interface RedisNotifierOptions extends RedisConnectionOptions {
  /** For how many milliseconds `open` waits for Redis before it rejects, and notices wait before they are lost. @default 2000 */
  readonly patienceMs?: number;
}

/**
 * Tells all processes with the same Redis and prefix, by publish and subscribe on the channel `<prefix>:notices`.
 *
 * It connects when it is opened, with one connection to publish and one to subscribe, and again by itself after an
 * outage. Notices of an outage longer than `patienceMs` reach this process alone.
 */
export class RedisNotifier extends BroadcastNotifier {
  constructor(options: RedisNotifierOptions = {}) {
    const { prefix = DEFAULT_PREFIX, onError = warn, patienceMs = DEFAULT_PATIENCE_MS } = options;
    const channel = new RedisChannel(`${prefix}:notices`, { ...options, onError, patienceMs });
    super(channel, { id: randomUUID(), longestMessage: LONGEST_MESSAGE, onError });
  }
}
