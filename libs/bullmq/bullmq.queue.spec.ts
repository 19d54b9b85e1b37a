import { jest } from '@jest/globals';
import { Queue } from 'bullmq';
import { redisUrl } from '../../test/services/index.js';
import { givenQueues, task, until, withRedis } from './bullmq.spec-helpers.js';
import { BullMqQueue } from './bullmq.queue.js';

let given: Awaited<ReturnType<typeof givenQueues>>;

beforeEach(async () => {
  given = await givenQueues();
});
afterEach(async () => {
  await given.cleanup();
});

const keysOf = (prefix: string): Promise<string[]> => withRedis((redis) => redis.keys(`${prefix}:*`));

it('sends what is handed in within one turn with one command for each queue, and for each list of wakes', async () => {
  const queue = given.connect();
  await queue.consumeWakes('A', async () => {});
  await queue.wake('first', 'A');
  const evaluated = jest.spyOn(queue.client, 'eval');
  const addBulk = jest.spyOn(Queue.prototype, 'addBulk');
  try {
    await Promise.all([
      ...Array.from({ length: 200 }, (_, index) => queue.dispatch(task(`s#${index}`))),
      ...Array.from({ length: 100 }, (_, index) => queue.dispatch(task(`s#${index}`), 'mail')),
      ...Array.from({ length: 50 }, (_, index) => queue.wake(`r${index}`, 'A')),
      ...Array.from({ length: 50 }, () => queue.wake('r1')),
    ]);
    expect(addBulk.mock.calls.map(([jobs]) => jobs.length).sort((a, b) => a - b)).toEqual([1, 100, 200]);
    const pushed = evaluated.mock.calls.filter((call) => call.includes(`${given.prefix}:wakes-A`));
    expect(pushed.map((call) => call.filter((argument) => /^"r\d+"$/.test(String(argument))).length)).toEqual([50]);
  } finally {
    addBulk.mockRestore();
  }
});

it('gathers what comes while a batch is under way into the next one', async () => {
  const queue = given.connect();
  let answer = (): void => {};
  const addBulk = jest.spyOn(Queue.prototype, 'addBulk');
  addBulk.mockImplementationOnce(() => new Promise((resolve) => (answer = () => resolve([]))));
  try {
    const sent = [queue.dispatch(task('first'))];
    await until(() => addBulk.mock.calls.length === 1);
    for (let turn = 0; turn < 50; turn++) {
      sent.push(queue.dispatch(task(`s#${turn}`)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    answer();
    await Promise.all(sent);
    expect(addBulk.mock.calls.map(([jobs]) => jobs.length)).toEqual([1, 50]);
  } finally {
    addBulk.mockRestore();
  }
});

it('begins the wakes that come together in one turn', async () => {
  const [a, b] = [given.connect(), given.connect()];
  const begun: string[] = [];
  const inOneTurn: string[][] = [];
  await a.consumeWakes('A', async (runId) => {
    if (begun.push(runId) === 1) setImmediate(() => inOneTurn.push(begun.splice(0)));
  });
  await b.wake('first', 'A');
  await until(() => inOneTurn.length === 1); // now it waits
  await Promise.all(['r1', 'r2', 'r3'].map((runId) => b.wake(runId, 'A')));
  await until(() => inOneTurn.length === 2);
  expect(inOneTurn).toEqual([['first'], ['r1', 'r2', 'r3']]);
});

it('drops a step call that is at work already', async () => {
  const queue = given.connect();
  const taken: string[] = [];
  let end = (): void => {};
  await queue.consumeSteps({ concurrency: 2 }, ({ id }) => {
    taken.push(id);
    return id === 'a' ? new Promise((resolve) => (end = resolve)) : Promise.resolve();
  });
  await queue.dispatch(task('a'));
  await until(() => taken.length === 1);
  await queue.dispatch(task('a'));
  await queue.dispatch(task('b'));
  await until(() => taken.length === 2);
  expect(taken).toEqual(['a', 'b']);
  end();
});

it('wakes the runs of a turn with few jobs, each of which several processes could take', async () => {
  const queue = given.connect();
  const addBulk = jest.spyOn(Queue.prototype, 'addBulk');
  try {
    const runIds = Array.from({ length: 50 }, (_, index) => `r${index}`);
    await Promise.all(runIds.map((runId) => queue.wake(runId)));
    expect(addBulk.mock.calls.map(([jobs]) => jobs.map(({ data }) => data.runIds.length))).toEqual([[20, 20, 10]]);
    const woken: string[] = [];
    await queue.consumeWakes('A', async (runId) => void woken.push(runId));
    await until(() => woken.length === 50);
    expect(woken.sort()).toEqual(runIds.sort());
  } finally {
    addBulk.mockRestore();
  }
});

it('lets the quick step calls of a turn share jobs', async () => {
  const queue = given.connect();
  const addBulk = jest.spyOn(Queue.prototype, 'addBulk');
  try {
    const ids = Array.from({ length: 50 }, (_, index) => `s#${index}`);
    await Promise.all(ids.map((id) => queue.dispatch(task(id), undefined, 0.1)));
    expect(addBulk.mock.calls.map(([jobs]) => jobs.map(({ data }) => data.tasks.length))).toEqual([[20, 20, 10]]);
  } finally {
    addBulk.mockRestore();
  }
});

it('stops only when all runs of a job have been handled, also if one of them could not be', async () => {
  const queue = given.connect();
  await Promise.all([queue.wake('bad'), queue.wake('slow')]);
  let end: (() => void) | undefined;
  await queue.consumeWakes('A', (runId) =>
    runId === 'bad' ? Promise.reject(new Error('no store')) : new Promise((resolve) => (end = resolve)),
  );
  await until(() => end !== undefined);
  // Time enough for the job to end with the first run, if it did.
  let isDrained = false;
  const drained = queue.drain().then(() => (isDrained = true));
  await withRedis(async (redis) => {
    for (let times = 0; times < 500; times++) await redis.ping();
  });
  expect(isDrained).toBe(false);
  end!();
  await drained;
});

it('leaves large arguments in the store', async () => {
  const queue = given.connect();
  await queue.dispatch(task('small', { payload: 'x'.repeat(4_000) }));
  await queue.dispatch(task('large', { payload: 'x'.repeat(5_000) }));
  const taken: (string | undefined)[] = [];
  await queue.consumeSteps({ concurrency: 1 }, async ({ payload }) => void taken.push(payload));
  await until(() => taken.length === 2);
  expect(taken).toEqual(['x'.repeat(4_000), undefined]);
});

it('drops jobs that are no messages, says so, and goes on', async () => {
  const queue = given.connect();
  const connection = await redisUrl();
  const strangers = new Queue('steps', { connection: { url: connection }, prefix: given.prefix });
  const wakes = new Queue('workflows', { connection: { url: connection }, prefix: given.prefix });
  const unlikeOne = [null, 7, 'text', [], {}, { ...task('a'), attempt: 'one' }, { ...task('a'), tags: [1] }];
  const unlikeSeveral = [{ tasks: [] }, { tasks: 'a' }, { tasks: [task('a'), null] }, { tasks: { 0: task('a') } }];
  for (const data of [...unlikeOne, ...unlikeSeveral]) await strangers.add('anything', data);
  await wakes.add('anything', { runIds: [7] });
  await strangers.close();
  await wakes.close();
  const taken: string[] = [];
  await queue.consumeSteps({ concurrency: 1 }, async ({ id }) => void taken.push(id));
  await queue.consumeWakes('A', async (runId) => void taken.push(runId));
  await queue.dispatch(task('good'));
  await queue.wake('r1');
  await until(() => taken.length === 2);
  expect(taken.sort()).toEqual(['good', 'r1']);
  await until(() => given.errors.length === 2);
  expect(given.errors).toMatchObject([{ code: 'UNREADABLE_JOB' }, { code: 'UNREADABLE_JOB' }]);
});

it('tries a handler that throws again, and leaves nothing of the job', async () => {
  const queue = given.connect();
  let attempts = 0;
  await queue.consumeSteps({ concurrency: 1 }, async () => {
    attempts += 1;
    if (attempts === 1) throw new Error('no store');
  });
  await queue.dispatch(task('a'));
  await until(() => attempts === 2);
  await queue.close();
  expect((await keysOf(given.prefix)).filter((key) => /:\d+$|:de:|:failed|:completed/.test(key))).toEqual([]);
});

it('leaves no job, no lock and no wake behind', async () => {
  const [a, b] = [given.connect(), given.connect()];
  const taken: string[] = [];
  await a.consumeWakes('A', async (runId) => void taken.push(runId));
  await a.consumeSteps({ concurrency: 2 }, async ({ id }) => void taken.push(id));
  for (const id of ['a', 'b', 'c']) await b.dispatch(task(id));
  for (const runId of ['r1', 'r2']) await b.wake(runId, 'A');
  await until(() => taken.length === 5);
  await a.close();
  await b.close();
  const left = (await keysOf(given.prefix)).map((key) => key.slice(given.prefix.length + 1)).sort();
  const perQueue = ['events', 'id', 'meta', 'stalled-check'];
  expect(left.filter((key) => !perQueue.some((known) => key.endsWith(`:${known}`)))).toEqual([]);
});

it('forgets a process that was killed, and its wakes go by themselves', async () => {
  const queue = given.connect();
  const key = `${given.prefix}:processes`;
  await withRedis(async (redis) => {
    await redis.zadd(key, Math.floor(Date.now() / 1000), 'dying');
    await queue.wake('r1', 'dying');
    expect(await redis.lrange(`${given.prefix}:wakes-dying`, 0, -1)).toEqual(['"r1"']);
    expect(await redis.ttl(`${given.prefix}:wakes-dying`)).toBeGreaterThan(0);
    await redis.zadd(key, Math.floor(Date.now() / 1000) - 3_600, 'dead');
    await queue.consumeWakes('B', async () => {});
    expect((await redis.zrange(key, 0, -1)).sort()).toEqual(['B', 'dying']);
  });
});

it('gives the wakes that a process has not taken to another when it stops', async () => {
  const [a, b] = [given.connect(), given.connect()];
  const taken: string[] = [];
  await a.consumeWakes('A', async () => {});
  await a.drain();
  const many = Array.from({ length: 1_500 }, (_, index) => `r${index}`);
  await Promise.all(many.map((runId) => b.wake(runId, 'A')));
  await b.consumeWakes('B', async (runId) => void taken.push(runId));
  await a.close();
  await until(() => taken.length === many.length);
  expect(new Set(taken)).toEqual(new Set(many));
});

it('gives a job of a worker that was killed to another, within the time of a lock', async () => {
  const lockMs = 600;
  const connection = await redisUrl();
  const killed = new BullMqQueue({ connection, prefix: given.prefix, lockMs, onError: () => {} });
  let taken = 0;
  let end = (): void => {};
  await killed.consumeSteps({ concurrency: 1 }, () => {
    taken += 1;
    return new Promise((resolve) => (end = resolve));
  });
  await killed.dispatch(task('a'));
  await until(() => taken === 1);
  // It renews no locks from now on.
  killed.client.disconnect();
  const done: string[] = [];
  await given.connect({ lockMs }).consumeSteps({ concurrency: 1 }, async ({ id }) => void done.push(id));
  await until(() => done.length === 1);
  expect(done).toEqual(['a']);
  end();
  await killed.close();
});
