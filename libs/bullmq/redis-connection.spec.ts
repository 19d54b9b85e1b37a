import { Cluster, Redis } from 'ioredis';
import { redisUrl } from '../../test/services/index.js';
import { connectTo, type RedisConnection } from './redis-connection.js';

const open: { disconnect(): void }[] = [];

afterEach(() => {
  for (const client of open.splice(0)) client.disconnect();
});

async function talkTo(connection: RedisConnection): Promise<Redis> {
  const client = connectTo(connection);
  open.push(client);
  expect(await client.ping()).toBe('PONG');
  return client;
}

it('reaches Redis by all that BullMQ takes for one server, with a connection of its own', async () => {
  const url = await redisUrl();
  const { hostname: host, port } = new URL(url);
  // What an application has for other purposes, with settings that would stop a queue.
  const shared = new Redis(url, { lazyConnect: true, keyPrefix: 'shop:', enableOfflineQueue: false, db: 3 });
  open.push(shared);
  for (const connection of [url, { url }, { host, port: Number(port) }, { url, db: 3 }, shared]) {
    const client = await talkTo(connection);
    expect(client).not.toBe(shared);
    expect(client.options).toMatchObject({ keyPrefix: '', maxRetriesPerRequest: null, enableOfflineQueue: true });
  }
  expect((await talkTo(shared)).options.db).toBe(3);
  expect((await talkTo({ url, db: 3 })).options.db).toBe(3);
  expect(shared.status).toBe('wait');
});

it('refuses clients that it cannot be of, and says so', () => {
  const cluster = new Cluster([{ host: '127.0.0.1', port: 1 }], { lazyConnect: true });
  open.push(cluster);
  const other = { duplicate: () => other, isOpen: true, sendCommand: () => {} };
  for (const client of [cluster, other])
    expect(() => connectTo(client as unknown as Redis)).toThrow('client of a Redis Cluster, or of another package');
});
