import type { Redis } from 'ioredis';
import type { RedisConnectionOptions } from './bullmq.options.js';
import { waitForNoClosedStream } from './closed-streams.js';
import { RedisUnavailableError } from './errors.js';
import { FaultLog } from './fault-log.js';
import { gatherWrites } from './gathered-writes.js';
import { connectTo } from './redis-connection.js';

/**
 * A connection that comes back by itself, and says whether it is worth trying.
 *
 * Whoever sends waits for at most `patienceMs`, counted from the beginning of an outage: a short one loses nothing, and
 * in a long one nobody waits. An outage is reported once.
 */
export class RedisLink {
  readonly client: Redis;
  /** The server in messages, without a password. */
  readonly place: string;
  private readonly faults: FaultLog;
  private downSince: number | undefined = performance.now();
  private isReported = false;
  private lastError: unknown;
  /** A command that is overdue: until it is answered, no others are sent behind it. */
  private overdue = 0;
  private isClosed = false;
  private readonly copies = new Set<Redis>();

  constructor(
    { connection = {} }: Pick<RedisConnectionOptions, 'connection'>,
    private readonly patienceMs: number,
    onError: (error: unknown) => void,
  ) {
    this.faults = new FaultLog(onError);
    this.client = connectTo(connection);
    gatherWrites(this.client);
    waitForNoClosedStream(this.client);
    this.keepCopies();
    const { host = '127.0.0.1', port = 6379, path } = this.client.options;
    this.place = path ?? `${host}:${port}`;
    this.client.on('ready', () => {
      this.downSince = undefined;
      this.isReported = false;
    });
    this.client.on('close', () => (this.downSince ??= performance.now()));
    this.client.on('error', (error) => this.report(error));
  }

  /** Calls back each time the connection is there again. */
  onReady(callback: () => void): void {
    this.client.on('ready', callback);
  }

  /** Passes on what went wrong, an outage once. */
  report(error: unknown): void {
    if (this.isClosed) return;
    this.lastError = error;
    if (this.downSince === undefined) return this.faults.report(error);
    if (this.isReported) return;
    this.isReported = true;
    this.faults.report(error instanceof RedisUnavailableError ? error : new RedisUnavailableError(this.place, error));
  }

  /** Sends something, or rejects within the time that it may take. @throws RedisUnavailableError */
  async send<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.whenReady();
    let isOverdue = false;
    const sent = work().finally(() => {
      if (isOverdue) this.overdue -= 1;
    });
    return within(sent, this.patienceMs, () => {
      isOverdue = true;
      this.overdue += 1;
      return new RedisUnavailableError(this.place, new Error(`no answer within ${this.patienceMs} ms`));
    });
  }

  /** Lets go of the connection, and waits for what has been sent as long as there is patience. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    if (this.client.status === 'ready') {
      await within(this.client.quit(), this.patienceMs, () => new RedisUnavailableError(this.place)).catch(() => {});
    }
    for (const connection of [this.client, ...this.copies]) end(connection);
  }

  /** BullMQ copies the connection for blocking commands, and does not let go of a copy whose server is away. */
  private keepCopies(): void {
    const duplicate = this.client.duplicate.bind(this.client);
    this.client.duplicate = (options) => {
      const copy = duplicate(options);
      waitForNoClosedStream(copy);
      this.copies.add(copy);
      copy.once('end', () => this.copies.delete(copy));
      return copy;
    };
  }

  private async whenReady(): Promise<void> {
    if (!this.isClosed && this.overdue === 0) {
      if (this.client.status === 'ready') return;
      const leftMs = this.patienceMs - (performance.now() - (this.downSince ?? performance.now()));
      if (leftMs > 0 && (await this.isReadyWithin(leftMs))) return;
    }
    throw new RedisUnavailableError(this.place, this.lastError);
  }

  private isReadyWithin(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (isReady: boolean) => () => {
        clearTimeout(timer);
        this.client.off('ready', onReady).off('end', onEnd);
        resolve(isReady);
      };
      const [onReady, onEnd] = [settle(true), settle(false)];
      const timer = setTimeout(onEnd, timeoutMs);
      this.client.once('ready', onReady).once('end', onEnd);
    });
  }
}

/**
 * Ends a connection for good, and with it the commands that wait for it, which BullMQ's workers wait for in turn.
 *
 * A connection that waits to connect again would be forgotten by `disconnect` alone, without a word to anyone: it has to
 * try once more, and fail.
 */
export function end(connection: Redis): void {
  const isAway = connection.status === 'reconnecting';
  connection.options.retryStrategy = () => null;
  connection.disconnect();
  if (isAway) {
    connection.connect().then(
      () => connection.disconnect(),
      () => {},
    );
  }
}

/** Rejects if something takes too long; what comes of it then is of no interest. */
export async function within<Result>(work: Promise<Result>, timeoutMs: number, late: () => Error): Promise<Result> {
  work.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  const outOfTime = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), timeoutMs);
  });
  try {
    return await Promise.race([work, outOfTime]);
  } finally {
    clearTimeout(timer);
  }
}
