import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';

export { committing, created, hookOf, T, UNTIL } from '../../test/commits.spec-helpers.js';

const SERVER = 'redis-server';

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** A Redis of a spec's own, which may be killed and started again on the same files. */
export class PrivateRedis {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly directory: string,
    private readonly port: number,
    private readonly options: readonly string[],
  ) {}

  static async start(...options: readonly string[]): Promise<PrivateRedis> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const redis = new PrivateRedis(await mkdtemp(join(tmpdir(), 'pyworkflow-redis-')), port, options);
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const settings = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--dir', this.directory];
    this.child = spawn(SERVER, [...settings, ...this.options], { stdio: 'ignore' });
    let failure: unknown;
    this.child.once('error', (error) => (failure = error));
    for (let attempt = 0; attempt < 200 && failure === undefined; attempt++) {
      if (await this.isReady()) return;
      await delay(25);
    }
    throw new Error(`This spec starts a server of its own: install ${SERVER}, so that it is on the PATH.`, {
      cause: failure,
    });
  }

  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async end(): Promise<void> {
    await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** Asks the server beside the store. */
  async ask(command: string, ...parameters: string[]): Promise<unknown> {
    return asking(this.url, (redis) => redis.call(command, ...parameters));
  }

  private isReady(): Promise<boolean> {
    return this.ask('PING').then(
      () => true,
      () => false,
    );
  }
}

/** Uses a connection for one purpose, then closes it. */
export async function asking<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  redis.on('error', () => {});
  try {
    await redis.connect();
    return await use(redis);
  } finally {
    if (redis.status !== 'end') redis.disconnect();
  }
}
