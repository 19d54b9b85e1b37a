import { randomUUID } from 'node:crypto';
import { BroadcastNotifier, type NotifierOptions } from '../../core/index.js';
import { type NoticeSource, PostgresChannel } from './postgres-channel.js';

/** A notification has room for 7,999 bytes. */
const LONGEST_MESSAGE = 7_900;

export interface PostgresNotifierOptions extends NotifierOptions {
  /** For how many milliseconds `open` waits for the server before it rejects, and notices wait before they are lost. @default 2000 */
  readonly patienceMs?: number;
}

/**
 * Tells all processes whose tables are in the same schema, by LISTEN and NOTIFY on one connection outside of the pool.
 *
 * It connects when it is opened, and again by itself after an outage. Notices of an outage longer than `patienceMs` reach
 * this process alone.
 */
export class PostgresNotifier extends BroadcastNotifier {
  constructor(source: () => NoticeSource, { onError, patienceMs = 2_000 }: PostgresNotifierOptions) {
    const channel = new PostgresChannel(source, { onError, patienceMs });
    super(channel, { id: randomUUID(), longestMessage: LONGEST_MESSAGE, onError });
  }
}
