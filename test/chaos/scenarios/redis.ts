import { Redis } from 'ioredis';
import { pause } from '../driver/wait.js';
import type { Scenario } from './scenario.js';

const FLUSHES = 4;
const DOWN_MS = 30_000;

export const redisFlush: Scenario = {
  name: 'redis-flush',
  about: 'FLUSHALL while runs are queued, asleep and waiting for hooks.',
  on: ['cluster'],
  async run(stage) {
    const { deployment, load, options } = stage;
    const redis = new Redis(options.servers.redisUrl);
    redis.on('error', () => {});
    try {
      // Nobody takes these out of the queue before it is gone.
      await load.startMany(30);
      await redis.flushall();
      stage.harm('FLUSHALL with runs that nobody has begun');
      await deployment.startAll();
      load.feed(30);
      for (let flush = 0; flush < Math.ceil(FLUSHES * options.scale); flush++) {
        await stage.aBusyMember();
        await stage.untilSomeWait();
        await redis.flushall();
        stage.harm('FLUSHALL with runs asleep and waiting for hooks');
        await pause(2_000);
      }
    } finally {
      redis.disconnect();
    }
  },
};

export const redisDown: Scenario = {
  name: 'redis-down',
  about: `Redis is away for ${DOWN_MS / 1_000} s; runs are started meanwhile.`,
  on: ['cluster'],
  async run(stage) {
    const { deployment, load, options } = stage;
    await deployment.startAll();
    load.feed(20);
    await stage.aBusyMember();
    await options.servers.stopRedis();
    try {
      stage.harm('Redis is away');
      await load.start('sequence');
      await pause(DOWN_MS);
    } finally {
      await options.servers.startRedis();
    }
    stage.harm('Redis is back, empty');
    await pause(3_000);
  },
};
