import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { aptInstall, findOnPath, freePort, say, startServer } from './system.mjs';

const HOW_TO_GET_ONE =
  'No Redis for the tests. Set REDIS_URL, start a server on 127.0.0.1:6379, ' +
  'or install Redis or Valkey so that redis-server or valkey-server is on the PATH.';

/** Provides a server and a prefix for our keys. Keys with other prefixes are never touched. */
export async function provideRedis(name, cleanUps, isDurable) {
  const keyPrefix = `${name}:`;
  const { url, from, isOurs } = await findServer(cleanUps, isDurable);
  if (!isOurs) cleanUps.push(() => deleteKeys(url, keyPrefix));
  return { url, keyPrefix, from };
}

async function findServer(cleanUps, isDurable) {
  if (process.env.REDIS_URL) {
    const reason = await whyUnusable(process.env.REDIS_URL);
    if (!reason) return { url: process.env.REDIS_URL, from: 'REDIS_URL' };
    throw new Error(`REDIS_URL is set, but tests cannot use it: ${reason}`);
  }
  const host = process.env.REDIS_HOST ?? '127.0.0.1';
  const port = process.env.REDIS_PORT ?? '6379';
  const url = `redis://${host}:${port}`;
  const reason = await whyUnusable(url);
  if (!reason) return { url, from: `the server on ${host}:${port}` };
  if (reason.code !== 'ECONNREFUSED') say(`Redis on ${host}:${port} is of no use: ${reason}`);
  return startRedis(cleanUps, undefined, isDurable);
}

/** Starts a private server, on this port if one is named, and notes its end in `cleanUps`. */
export async function startRedis(cleanUps, chosenPort, isDurable = false) {
  const find = () => findOnPath('redis-server', 'valkey-server');
  const file = find() ?? (aptInstall('redis-server') ? find() : undefined);
  if (!file) throw new Error(HOW_TO_GET_ONE);

  const directory = mkdtempSync(join(tmpdir(), 'pyworkflow-redis-'));
  const removeDirectory = () => rmSync(directory, { recursive: true, force: true });
  const port = chosenPort ?? (await freePort());
  const url = `redis://127.0.0.1:${port}`;
  const options = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    isDurable ? 'yes' : 'no',
  ];
  const probe = async () => {
    const reason = await whyUnusable(url);
    if (reason) throw reason;
  };
  try {
    const stop = await startServer(file, [...options, '--dir', directory], { probe, stopSignal: 'SIGTERM' });
    cleanUps.push(() => stop().then(removeDirectory));
  } catch (error) {
    removeDirectory();
    throw error;
  }
  return { url, from: `a private ${file}`, isOurs: true };
}

/** The error that keeps tests from this server; nothing when they may read and write. */
async function whyUnusable(url) {
  try {
    await withRedis(url, (redis) => redis.set(`pyworkflow_test_probe:${process.pid}`, '1', 'PX', 1));
    return undefined;
  } catch (error) {
    return error;
  }
}

async function deleteKeys(url, prefix) {
  await withRedis(url, async (redis) => {
    for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1000 })) {
      if (keys.length > 0) await redis.unlink(keys);
    }
  });
}

async function withRedis(url, use) {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null, connectTimeout: 5000 });
  let connectionError;
  redis.on('error', (error) => (connectionError = error));
  try {
    await redis.connect();
    return await use(redis);
  } catch (error) {
    throw connectionError ?? error;
  } finally {
    if (redis.status !== 'end') redis.disconnect(); // or ioredis keeps this process alive for two seconds
  }
}
