import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { endPrograms } from '../processes/support/program.js';
import { until } from '../processes/support/until.js';
import { PrivateRedis, redisKeyPrefix, redisUrl } from '../services/index.js';
import { SlowStep, ThreeSteps } from './app.module.js';
import { Cluster } from './cluster.js';

/** A result that takes longer has waited for something. */
const SOON = { timeout: '20s' };

/** Whatever waits for a lease, a heartbeat or a sweep to make up for something does not end in this test. */
const NOTHING_EXPIRES = {
  PYWORKFLOW_LEASE: '10m',
  PYWORKFLOW_RECOVERY_INTERVAL: '10m',
  PYWORKFLOW_SESSION_IDLE: '10m',
};

let cluster: Cluster;

async function clusterOn(redis: string, settings?: Readonly<Record<string, string>>): Promise<Cluster> {
  cluster = await Cluster.create(redis, settings);
  return cluster;
}

afterEach(async () => {
  await cluster.close();
  await endPrograms();
}, 30_000);

describe('a cluster of the two programs', () => {
  it('runs in its step workers what a client starts', async () => {
    const { up, connect } = bound(await clusterOn(await redisUrl()));
    const [client, orchestrator, worker, second] = await Promise.all([
      connect(),
      up('orchestrator'),
      up('step-worker'),
      up('step-worker'),
    ]);
    const run = await client.start(ThreeSteps, []);
    for (const pid of await run.result(SOON)) expect([worker.pid, second.pid]).toContain(pid);
    expect(orchestrator.stderr).toBe('');
  }, 60_000);

  it('runs without PostgreSQL where Redis is the storage too, and goes on when a worker is killed', async () => {
    const storage = { PYWORKFLOW_STORAGE: 'redis', PYWORKFLOW_REDIS_STORAGE_PREFIX: `${redisKeyPrefix()}{cluster}:` };
    const settings = { ...storage, PYWORKFLOW_POSTGRES_URL: '' };
    const { up, connect } = bound(await clusterOn(await redisUrl(), settings));
    const [client, , worker] = await Promise.all([connect(), up('orchestrator'), up('step-worker')]);
    const run = await client.start(ThreeSteps, []);
    for (const pid of await run.result(SOON)) expect(pid).toBe(worker.pid);

    const slow = await client.start(SlowStep, ['sigterm']);
    await worker.says('slow');
    await worker.kill('SIGKILL');
    await up('step-worker');
    await slow.result({ timeout: '30s' });
  }, 90_000);

  it('is handed over by SIGTERM with 50 runs in flight, none of which waits for a lease', async () => {
    const { up, connect } = bound(
      await clusterOn(await redisUrl(), { ...NOTHING_EXPIRES, PYWORKFLOW_SHUTDOWN_GRACE: '1s' }),
    );
    const [client, orchestrator, worker] = await Promise.all([connect(), up('orchestrator'), up('step-worker')]);
    const runs = await Promise.all(
      Array.from({ length: 50 }, (_, index) => client.start(SlowStep, [index % 2 === 0 ? 'sigterm' : 'forever'])),
    );
    const begun = (): number => worker.output.filter((line) => line === 'slow').length;
    await until(
      () => begun() === 50,
      () => worker.describe(`has begun ${begun()} of 50 steps`),
    );
    const [other, fresh] = await Promise.all([up('orchestrator'), up('step-worker')]);

    const ends = await Promise.all([orchestrator.kill('SIGTERM'), worker.kill('SIGTERM')]);
    expect(ends).toEqual([
      { code: 0, signal: null },
      { code: 0, signal: null },
    ]);
    const places = await Promise.all(runs.map((each) => each.result(SOON)));
    expect(places.map(([, , last]) => last)).toEqual(Array(50).fill(fresh.pid));
    // Half of the steps have ended while their process was stopping; the others were given back, which is no loss.
    expect(places.filter(([, slow]) => slow === worker.pid)).toHaveLength(25);
    const histories = await Promise.all(runs.map((each) => each.events()));
    const lost = histories.flat().filter(({ type }) => type === 'step.lost');
    expect(lost.map(({ attributes }) => attributes['handedBack'])).toEqual(Array(25).fill(true));
    expect(other.stderr).toBe('');
  }, 90_000);

  it('goes on when its only step worker is killed in the middle of a step and a fresh one comes', async () => {
    const { up, connect } = bound(
      await clusterOn(await redisUrl(), { PYWORKFLOW_LEASE: '5s', PYWORKFLOW_RECOVERY_INTERVAL: '5s' }),
    );
    const [client, worker] = await Promise.all([connect(), up('step-worker'), up('orchestrator')]);
    const run = await client.start(SlowStep, ['forever']);
    await worker.line('slow');
    await worker.kill('SIGKILL');
    const fresh = await up('step-worker');
    expect((await run.result(SOON)).slice(1)).toEqual([fresh.pid, fresh.pid]);
    expect((await run.events()).filter(({ type }) => type === 'step.lost')).toHaveLength(1);
  }, 60_000);

  it('takes runs while Redis is down, and runs them when it is back', async () => {
    const redis = await PrivateRedis.start();
    try {
      const { up, connect } = bound(await clusterOn(redis.url));
      const [client] = await Promise.all([connect(), up('step-worker'), up('orchestrator')]);
      await redis.stop();
      const run = await client.start(ThreeSteps, []);
      expect(await run.status()).not.toBe('completed');
      await redis.startAgain();
      expect(await run.result(SOON)).toHaveLength(3);
    } finally {
      await cluster.close();
      await endPrograms();
      await redis.stop();
    }
  }, 60_000);
});

describe('a program that is configured wrongly', () => {
  it.each([
    ['without a queue', { PYWORKFLOW_QUEUE: '' }, "role 'orchestrator' needs a queue between processes"],
    ['with a module that is not there', { PYWORKFLOW_APP_MODULE: './no.js' }, 'there is no file'],
    ['with another role', { PYWORKFLOW_ROLE: 'client' }, 'This process is to be the orchestrator'],
  ])(
    '%s says so and ends',
    async (_, env, words) => {
      const program = (await clusterOn(await redisUrl())).start('orchestrator', env);
      expect(await program.end(20_000)).toEqual({ code: 1, signal: null });
      // Once: Nest would say it as well, with a stack.
      expect([...program.output, program.stderr].join('\n').split(words)).toHaveLength(2);
    },
    30_000,
  );

  it('with a port that is taken says so and ends', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '0.0.0.0', resolve));
    const { port } = other.address() as AddressInfo;
    const program = (await clusterOn(await redisUrl())).start('step-worker', { PYWORKFLOW_HEALTH_PORT: String(port) });
    expect(await program.end(20_000)).toEqual({ code: 1, signal: null });
    expect(program.stderr).toContain(`cannot listen on 0.0.0.0:${port}`);
    other.close();
  }, 30_000);
});

function bound(of: Cluster): Pick<Cluster, 'up' | 'connect'> {
  return { up: of.up.bind(of), connect: of.connect.bind(of) };
}
