import { once } from 'node:events';
import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import { Redis, type RedisOptions } from 'ioredis';
import { isUnknownScript } from './redis-errors.js';
import type { Script } from './scripts/script.js';

/** How long an answer may take before the connection counts as dead. */
const SILENCE_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;
const DISCONNECT_TIMEOUT_MS = 500;
const LONGEST_PAUSE_MS = 1_000;

type Argument = string | number;

export interface ScriptCall {
  readonly script: Script;
  /** What the script finds as `told`. */
  readonly told: object;
  /** What it finds in `ARGV` from 2 on. */
  readonly texts?: readonly string[];
}

interface Task {
  readonly command: readonly [name: string, ...Argument[]];
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One connection, on which all that is asked during one turn of the event loop travels together.
 *
 * Nothing is queued while there is no connection, and nothing is sent again by itself: whoever asked is told, and
 * decides.
 */
export class RedisConnection {
  private readonly redis: Redis;
  private readonly waiting: Task[] = [];
  private failure: Error | undefined;

  constructor(
    url: string,
    readonly keyPrefix: string,
  ) {
    this.redis = new Redis(url, {
      lazyConnect: true,
      connectionName: 'nestjs-pyworkflow',
      connectTimeout: CONNECT_TIMEOUT_MS,
      disconnectTimeout: DISCONNECT_TIMEOUT_MS,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempts) => Math.min(attempts * 50, LONGEST_PAUSE_MS),
      // A primary that has become a replica: the address may lead to the new primary.
      reconnectOnError: ({ message }) => message.startsWith('READONLY'),
    });
    // It says more than the errors of the calls that it makes fail.
    this.redis.on('error', (error: Error) => (this.failure = error));
    this.redis.on('ready', () => (this.failure = undefined));
  }

  /** Why there is no connection, as far as is known. */
  get lastFailure(): Error | undefined {
    return this.failure;
  }

  /** Tries once to connect; later attempts follow by themselves. */
  async connect(): Promise<void> {
    await this.redis.connect().catch(() => {});
  }

  /** What it connects with, for one more of its kind. */
  get options(): RedisOptions {
    return this.redis.options;
  }

  key(kind: string, id: string): string {
    return `${this.keyPrefix}${kind}:${id}`;
  }

  async disconnect(): Promise<void> {
    const isConnected = this.redis.status === 'ready';
    this.redis.disconnect();
    // Without a connection, nothing tells that it has ended.
    if (isConnected) await once(this.redis, 'end');
    else this.forgetClosedStream();
  }

  async run({ script, told, texts = [] }: ScriptCall): Promise<unknown> {
    const parameters = [1, this.keyPrefix, JSON.stringify(told), ...texts];
    try {
      return await this.ask('EVALSHA', script.sha, ...parameters);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return this.ask('EVAL', script.lua, ...parameters);
    }
  }

  ask(name: string, ...parameters: readonly Argument[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ command: [name, ...parameters], resolve, reject });
      // Not a microtask: what others ask during this turn shall come along.
      if (this.waiting.length === 1) setImmediate(() => void this.flush());
    });
  }

  private async flush(): Promise<void> {
    const tasks = this.waiting.splice(0);
    const pipeline = this.redis.pipeline();
    for (const { command } of tasks) pipeline.call(...command);
    // Not the socketTimeout of ioredis, whose timer outlives its connection and ends the next one.
    const alarm = setTimeout(() => this.redis.disconnect(true), SILENCE_MS);
    const replies = await pipeline.exec().finally(() => clearTimeout(alarm));
    for (const [index, { resolve, reject }] of tasks.entries()) {
      const [error, reply] = replies?.[index] ?? [new Error('Connection is closed.'), undefined];
      if (error) reject(error);
      else resolve(reply);
    }
  }

  /** ioredis waits for a stream to close that has closed before, and keeps the process alive meanwhile. */
  private forgetClosedStream(): void {
    const { stream } = this.redis as { readonly stream?: Redis['stream'] }; // none before it connects
    if (stream?.closed) stream.emit('close');
  }
}
