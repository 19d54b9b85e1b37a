import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { PrivateRedis } from '../../test/services/index.js';
import { describeNotifierContract } from '../testing/index.js';
import { withRedis } from './bullmq.spec-helpers.js';
import { RedisNotifier, type RedisNotifierOptions } from './redis.notifier.js';

// Of its own, since all its connections are cut.
let server: PrivateRedis;

beforeAll(async () => {
  server = await PrivateRedis.start();
});
afterAll(async () => {
  await server.stop();
});

describeNotifierContract('RedisNotifier', async () => {
  const errors: unknown[] = [];
  const cleanUps: (() => unknown)[] = [];
  const prefix = `notifier-${randomBytes(4).toString('hex')}`;
  const connect = (options: RedisNotifierOptions = {}): RedisNotifier => {
    const notifier = new RedisNotifier({
      connection: server.url,
      prefix,
      patienceMs: 500,
      onError: (error) => errors.push(error),
      ...options,
    });
    cleanUps.push(() => notifier.close());
    return notifier;
  };
  return {
    connect,
    errors,
    channel: {
      overhear: async () => {
        const redis = new Redis(server.url);
        cleanUps.push(() => redis.disconnect());
        const messages: string[] = [];
        redis.on('message', (_, text) => messages.push(text));
        await redis.subscribe(`${prefix}:notices`);
        return messages;
      },
      inject: (text) => withRedis(async (redis) => void (await redis.publish(`${prefix}:notices`, text)), server.url),
      cut: () =>
        withRedis(async (redis) => {
          for (const type of ['normal', 'pubsub'])
            await redis.client('KILL', 'TYPE', type as 'normal', 'SKIPME', 'yes');
        }, server.url),
      outOfReach: async () => {
        await server.stop();
        let isBack = false;
        const comeBack = async (): Promise<void> => {
          if (!isBack) await server.startAgain();
          isBack = true;
        };
        cleanUps.push(comeBack);
        return {
          notifier: connect(),
          comeBack: async () => {
            await comeBack();
            const other = connect();
            await other.open();
            return other;
          },
        };
      },
    },
    async cleanup() {
      await Promise.all(cleanUps.map((cleanUp) => cleanUp()));
    },
  };
});
