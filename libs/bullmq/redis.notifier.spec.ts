import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { useFakeIntervals } from '../../test/fake-intervals.spec-helpers.js';
import { Network, redisKeyPrefix, redisUrl } from '../../test/services/index.js';
import { until } from './bullmq.spec-helpers.js';
import { RedisNotifier, type RedisNotifierOptions } from './redis.notifier.js';

const notifiers: RedisNotifier[] = [];
let errors: unknown[];
let prefix: string;

beforeEach(() => {
  errors = [];
  prefix = `${redisKeyPrefix()}${randomBytes(4).toString('hex')}`;
});
const closeAll = async () => {
  await Promise.all(notifiers.splice(0).map((notifier) => notifier.close()));
};
afterEach(closeAll);

async function given(options: RedisNotifierOptions = {}) {
  const notifier = new RedisNotifier({
    connection: await redisUrl(),
    prefix,
    onError: (error) => errors.push(error),
    ...options,
  });
  notifiers.push(notifier);
  const heard: string[] = [];
  notifier.subscribe(({ runId }) => heard.push(runId));
  return { notifier, heard };
}

it('does not hear applications with another prefix', async () => {
  const [ours, theirs, third] = [await given(), await given({ prefix: `${prefix}-2` }), await given()];
  for (const { notifier } of [ours, theirs, third]) await notifier.open();
  theirs.notifier.publish({ type: 'run.ended', runId: 'theirs' });
  await theirs.notifier.close();
  ours.notifier.publish({ type: 'run.ended', runId: 'ours' });
  await until(() => third.heard.length > 0);
  expect(third.heard).toEqual(['ours']);
});

it('takes the options of ioredis, also those that let commands fail before it is connected', async () => {
  const { hostname, port } = new URL(await redisUrl());
  const connection = { host: hostname, port: Number(port), enableOfflineQueue: false, keyPrefix: 'k:' };
  const [a, b] = [await given({ connection }), await given({ connection })];
  await Promise.all([a.notifier.open(), b.notifier.open()]);
  a.notifier.publish({ type: 'run.ended', runId: 'r1' });
  await until(() => b.heard.length > 0);
  expect(errors).toEqual([]);
});

it('says where nobody listens, once and without the password', async () => {
  const { notifier } = await given({ connection: 'redis://:secret@127.0.0.1:1', patienceMs: 300 });
  const error = await notifier.open().catch((reason: unknown) => reason);
  for (let index = 0; index < 3; index++) notifier.publish({ type: 'run.ended', runId: `r${index}` });
  await notifier.close();
  expect(error).toMatchObject({ code: 'REDIS_UNAVAILABLE', place: '127.0.0.1:1' });
  expect(errors).toMatchObject([{ code: 'REDIS_UNAVAILABLE' }]);
  expect(`${String(error)}${String(errors)}`).not.toContain('secret');
});

it('rejects soon when a server takes the connection and says nothing', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const { notifier } = await given({ connection: `redis://127.0.0.1:${port}`, patienceMs: 300 });
    await expect(notifier.open()).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    await notifier.close();
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

describe('a connection that falls silent', () => {
  let network: Network;

  beforeEach(async () => {
    useFakeIntervals();
    network = await Network.to(await redisUrl());
  });
  afterEach(async () => {
    jest.useRealTimers();
    await closeAll();
    await network.end();
  });

  it('is noticed, and replaced', async () => {
    const [{ notifier, heard }, other] = [await given({ connection: network.url }), await given()];
    await Promise.all([notifier.open(), other.notifier.open()]);
    network.silence();
    jest.advanceTimersByTime(15_000);
    await until(() => {
      other.notifier.publish({ type: 'run.ended', runId: 'r1' });
      return heard.length > 0;
    });
  });
});
