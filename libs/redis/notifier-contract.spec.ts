import { Redis } from 'ioredis';
import { Network, PrivateRedis } from '../../test/services/index.js';
import type { Notifier } from '../core/index.js';
import { describeNotifierContract } from '../testing/index.js';
import { asking } from './redis.spec-helpers.js';
import { RedisStore } from './redis.store.js';

const CHANNEL = '{pyworkflow}:notices:0';

// Of its own, since all its connections are cut.
let server: PrivateRedis;

beforeAll(async () => {
  server = await PrivateRedis.start();
});
afterAll(async () => {
  await server.stop();
});

describeNotifierContract('RedisNotifier of a store', async () => {
  const errors: unknown[] = [];
  const notifiers: Notifier[] = [];
  const observer = new Redis(server.url);
  const network = await Network.to(server.url);
  const store = new RedisStore({ url: network.url, onWarning: () => {} });
  await store.open();
  const connect = (): Notifier => {
    const notifier = store.notifier({ patienceMs: 500, onError: (error) => errors.push(error) })!;
    notifiers.push(notifier);
    return notifier;
  };
  return {
    connect,
    errors,
    channel: {
      overhear: async () => {
        const messages: string[] = [];
        observer.on('message', (_, text) => messages.push(text));
        await observer.subscribe(CHANNEL);
        return messages;
      },
      inject: (text) => asking(server.url, async (redis) => void (await redis.publish(CHANNEL, text))),
      cut: () =>
        asking(server.url, async (redis) => {
          for (const type of ['normal', 'pubsub'] as const)
            await redis.client('KILL', 'TYPE', type as 'normal', 'SKIPME', 'yes');
        }),
      outOfReach: async () => {
        const goUp = await network.goDown();
        return {
          notifier: connect(),
          comeBack: async () => {
            await goUp();
            const other = connect();
            await other.open();
            return other;
          },
        };
      },
    },
    cleanup: async () => {
      await Promise.all(notifiers.map((notifier) => notifier.close()));
      await store.close();
      observer.disconnect();
      await network.end();
    },
  };
});

it('is none of a store that is told not to listen', () => {
  expect(new RedisStore({ url: 'redis://localhost', listen: false }).notifier({ onError: () => {} })).toBeUndefined();
});
