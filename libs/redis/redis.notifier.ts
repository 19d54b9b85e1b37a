import { randomUUID } from 'node:crypto';
import { BroadcastNotifier, type NotifierOptions } from '../core/index.js';
import { type NoticeSource, RedisChannel } from './redis-channel.js';

/** Redis would take more; a subscriber that lags behind is cut off when megabytes wait for it. */
const LONGEST_MESSAGE = 64_000;

export interface RedisNotifierOptions extends NotifierOptions {
  /** For how many milliseconds `open` waits for the server before it rejects, and notices wait before they are lost. @default 2000 */
  readonly patienceMs?: number;
}

/**
 * Tells all processes whose runs are under the same prefix, by publish and subscribe: on the connection of the store, and
 * on one more that listens.
 *
 * It connects when it is opened, and again by itself after an outage. Notices of an outage longer than `patienceMs` reach
 * this process alone.
 */
export class RedisNotifier extends BroadcastNotifier {
  constructor(source: () => NoticeSource, { onError, patienceMs = 2_000 }: RedisNotifierOptions) {
    const channel = new RedisChannel(source, { onError, patienceMs });
    super(channel, { id: randomUUID(), longestMessage: LONGEST_MESSAGE, onError });
  }
}
