import { PrivateRedis } from '../../test/services/index.js';
import { givenQueues, task, until, withRedis } from './bullmq.spec-helpers.js';
import type { BullMqQueue } from './bullmq.queue.js';

let server: PrivateRedis;
let given: Awaited<ReturnType<typeof givenQueues>>;
let queue: BullMqQueue;
let taken: string[];

beforeAll(async () => {
  server = await PrivateRedis.start();
});
afterAll(async () => {
  await server.stop();
});
beforeEach(async () => {
  given = await givenQueues({ connection: server.url, patienceMs: 300 });
  queue = given.connect();
  taken = [];
  await queue.consumeWakes('A', async (runId) => void taken.push(runId));
  await queue.consumeSteps({ concurrency: 5 }, async ({ id }) => void taken.push(id));
});
afterEach(async () => {
  await given.cleanup();
});

/** Asks again and again, as the alarms do, until it is carried. */
async function comesThrough(what: string): Promise<void> {
  await until(async () => {
    await queue.dispatch(task(what)).catch(() => {});
    await queue.wake(`run of ${what}`, 'A').catch(() => {});
    return taken.includes(what) && taken.includes(`run of ${what}`);
  });
}

it('goes on after its connections were cut', async () => {
  await comesThrough('before');
  for (const round of [1, 2]) {
    await withRedis((redis) => redis.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes'), server.url);
    await comesThrough(`after ${round}`);
  }
});

it('goes on after everything was flushed, also the job that it is at', async () => {
  await comesThrough('before');
  let end = (): void => {};
  await queue.consumeSteps({ queue: 'slow', concurrency: 1 }, ({ id }) => {
    taken.push(id);
    return new Promise((resolve) => (end = resolve));
  });
  await queue.dispatch(task('slow one'), 'slow');
  await until(() => taken.includes('slow one'));
  await withRedis((redis) => redis.flushall(), server.url);
  end();
  await comesThrough('after');
  await until(async () => {
    await queue.dispatch(task('next slow one'), 'slow');
    return taken.includes('next slow one');
  });
  end();
});

describe('while Redis is down', () => {
  afterEach(async () => {
    await server.stop();
    await server.startAgain();
  });

  it('rejects soon, keeps nothing, reports once, and works again when it is back', async () => {
    await comesThrough('before');
    await server.stop();
    await expect(queue.dispatch(task('first'))).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    const started = Array.from({ length: 20_000 }, (_, index) => queue.dispatch(task(`s#${index}`)));
    const ends = await Promise.allSettled([...started, queue.wake('r1', 'A'), queue.wake('r1')]);
    expect(ends.filter(({ status }) => status === 'fulfilled')).toEqual([]);
    await until(() => given.errors.length > 0);
    expect(given.errors).toMatchObject([{ code: 'REDIS_UNAVAILABLE' }]);
    await server.startAgain();
    await comesThrough('after');
    expect(taken.filter((what) => what.startsWith('s#'))).toEqual([]);
    expect(given.errors).toHaveLength(1);
  });

  it('loses nothing when it is back at once', async () => {
    const patient = given.connect({ patienceMs: 10_000 });
    await patient.dispatch(task('before'));
    await server.stop();
    const sent = [patient.dispatch(task('meanwhile')), patient.wake('run meanwhile')];
    await server.startAgain();
    await Promise.all(sent);
    await until(() => taken.includes('meanwhile') && taken.includes('run meanwhile'));
  });

  it('can be made, asked and closed', async () => {
    await server.stop();
    const late = given.connect();
    await late.consumeWakes('B', async (runId) => void taken.push(runId));
    await late.consumeSteps({ concurrency: 1 }, async () => {});
    await expect(late.wake('r1')).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    await late.drain();
    await late.close();
    await queue.close();
  });

  it('begins to work if it was made before Redis was there', async () => {
    await server.stop();
    await queue.close();
    queue = given.connect();
    await queue.consumeWakes('A', async (runId) => void taken.push(runId));
    await queue.consumeSteps({ concurrency: 1 }, async ({ id }) => void taken.push(id));
    await server.startAgain();
    await comesThrough('after');
  });
});

it('reports an address where nobody listens, without its password', async () => {
  const lost = given.connect({ connection: 'redis://:secret@127.0.0.1:1' });
  const error = await lost.wake('r1').catch((reason: unknown) => reason);
  expect(String(error)).toContain('127.0.0.1:1');
  await until(() => given.errors.length > 0);
  expect(`${String(error)}${String(given.errors)}`).not.toContain('secret');
});
