/**
 * Real servers for specs: `const url = await postgresUrl()`. A spec that needs a server and gets none fails with
 * what to install or set; it is never skipped.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { startRedis } from './redis.mjs';

export { Network } from './network.js';

interface Services {
  readonly postgres: { readonly url?: string; readonly error?: string };
  readonly redis: { readonly url?: string; readonly keyPrefix?: string; readonly error?: string };
}

let database: Promise<string> | undefined;

/** The URL of an empty database that belongs to this spec file alone, and is dropped when the test run ends. */
export function postgresUrl(): Promise<string> {
  database ??= createPostgresDatabase();
  return database;
}

/** Creates one more empty database, for a spec that needs several, and returns its URL. */
export async function createPostgresDatabase(): Promise<string> {
  const { url, error } = services().postgres;
  if (!url) throw new Error(error);
  const own = new URL(url);
  own.pathname += `_${randomBytes(4).toString('hex')}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${own.pathname.slice(1)}`);
  } finally {
    await client.end();
  }
  return own.href;
}

/** The URL of a Redis server. It may be shared: use only keys that begin with `redisKeyPrefix()`, never FLUSHALL. */
export async function redisUrl(): Promise<string> {
  const { url, error } = services().redis;
  if (!url) throw new Error(error);
  return url;
}

/** A Redis server that belongs to one spec, which may stop it, start it again and flush it. */
export class PrivateRedis {
  private readonly cleanUps: (() => Promise<void>)[] = [];

  private constructor(readonly url: string) {}

  static async start(): Promise<PrivateRedis> {
    const cleanUps: (() => Promise<void>)[] = [];
    const server = new PrivateRedis((await startRedis(cleanUps)).url);
    server.cleanUps.push(...cleanUps);
    return server;
  }

  /** Starts it again on its port, empty. */
  async startAgain(): Promise<void> {
    await startRedis(this.cleanUps, Number(new URL(this.url).port));
  }

  async stop(): Promise<void> {
    for (const cleanUp of this.cleanUps.splice(0)) await cleanUp();
  }
}

const filePrefix = randomBytes(4).toString('hex');

/** The prefix of this spec file's keys; what begins with it is deleted when the test run ends. */
export function redisKeyPrefix(): string {
  return `${services().redis.keyPrefix}${filePrefix}:`;
}

function services(): Services {
  const provided = process.env['PYWORKFLOW_TEST_SERVICES'];
  if (provided) return JSON.parse(provided) as Services;
  throw new Error('This spec needs PostgreSQL or Redis: run it without PYWORKFLOW_NO_SERVICES.');
}
