import { once } from 'node:events';
import { clearInterval, clearTimeout, setInterval, setTimeout } from 'node:timers';
import { Redis } from 'ioredis';
import { type ChannelListener, type NoticeChannel, StoreError, StoreUnavailableError } from '../core/index.js';
import { Patience } from './patience.js';
import type { RedisConnection } from './redis-connection.js';

/** Who only listens would not notice that the server has vanished. */
const CHECK_MS = 15_000;

/** Where to connect to: what an open store has. */
export interface NoticeSource {
  /** Carries what is published here, together with what the store asks. */
  readonly connection: RedisConnection;
  /** The server in messages, without a password. */
  readonly place: string;
}

interface RedisChannelOptions {
  readonly patienceMs: number;
  readonly onError: (error: unknown) => void;
}

/**
 * Carries texts by publish and subscribe. A connection that has subscribed takes no other commands, so there is one more.
 *
 * Who sends waits for the server for at most `patienceMs`. What others send in an outage is lost here. An outage is
 * reported once.
 */
export class RedisChannel implements NoticeChannel {
  private subscriber: Redis | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isListening = false;
  private isClosed = false;
  private isReported = false;
  private lastError: unknown;
  /** Called when it listens, and when it never will. */
  private readonly waiting = new Set<() => void>();

  /** @param source throws while the store is not open */
  constructor(
    private readonly source: () => NoticeSource,
    private readonly options: RedisChannelOptions,
  ) {}

  async open(listener: ChannelListener): Promise<void> {
    const { place } = this.source();
    this.subscriber ??= this.subscribe(listener);
    const { patienceMs } = this.options;
    if (!this.isListening) await this.untilListening(patienceMs);
    if (this.isListening) return;
    throw unavailable(place, this.lastError ?? new Error(`no answer within ${patienceMs} ms`));
  }

  async send(texts: readonly string[]): Promise<void> {
    const { connection, place } = this.source();
    const name = channelOf(connection);
    try {
      // One whose answer was lost comes twice: it is a hint.
      await new Patience(connection, this.options.patienceMs, place).run(() =>
        Promise.all(texts.map((text) => connection.ask('PUBLISH', name, text))),
      );
    } catch (error) {
      this.report(error);
    }
  }

  async close(): Promise<void> {
    const { subscriber } = this;
    this.isClosed = true;
    clearInterval(this.timer);
    this.tellWaiting();
    const isConnected = subscriber?.status === 'ready';
    subscriber?.disconnect();
    if (isConnected) await once(subscriber, 'end');
  }

  private subscribe({ onMessage, onMissed }: ChannelListener): Redis {
    const { connection, place } = this.source();
    const redis = new Redis({ ...connection.options, autoResubscribe: false });
    let hasFailed = false;
    redis.on('message', (_, text) => onMessage(text));
    redis.on('error', (error) => this.report(unavailable(place, error)));
    redis.on('close', () => {
      this.isListening = false;
      hasFailed = true;
    });
    redis.on('ready', () => {
      const listens = (): void => {
        this.isListening = true;
        this.isReported = false;
        this.tellWaiting();
        if (hasFailed) onMissed();
      };
      redis.subscribe(channelOf(connection)).then(listens, (error: unknown) => this.report(unavailable(place, error)));
    });
    this.timer = setInterval(() => this.check(redis), CHECK_MS).unref();
    redis.connect().catch(() => {}); // it has been reported, and later attempts follow by themselves
    return redis;
  }

  private check(redis: Redis): void {
    if (redis.status !== 'ready') return;
    const alarm = setTimeout(() => redis.disconnect(true), this.options.patienceMs);
    const isAnswered = (): void => clearTimeout(alarm);
    redis.ping().then(isAnswered, isAnswered);
  }

  private report(error: unknown): void {
    this.lastError = error;
    if (this.isReported || this.isClosed) return;
    this.isReported = true;
    this.options.onError(error);
  }

  private untilListening(limitMs: number): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.waiting.delete(settle);
        resolve();
      };
      const timer = setTimeout(settle, limitMs);
      this.waiting.add(settle);
    });
  }

  private tellWaiting(): void {
    for (const settle of this.waiting) settle();
  }
}

/** Of a store: those that share a server have other prefixes, or other databases, which channels know nothing of. */
function channelOf({ keyPrefix, options }: RedisConnection): string {
  return `${keyPrefix}notices:${options.db ?? 0}`;
}

function unavailable(place: string, error: unknown): StoreError {
  return error instanceof StoreError ? error : new StoreUnavailableError(place, error);
}
