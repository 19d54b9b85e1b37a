import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { endPrograms } from '../processes/support/program.js';
import { PrivateRedis, redisUrl } from '../services/index.js';
import { SlowStep, ThreeSteps } from './app.module.js';
import { Cluster } from './cluster.js';

/** A result that takes longer has waited for something. */
const SOON = { timeout: '20s' };

let cluster: Cluster;

async function clusterOn(redis: string): Promise<Cluster> {
  cluster = await Cluster.create(redis);
  return cluster;
}

afterEach(async () => {
  await cluster.close();
  await endPrograms();
}, 30_000);

describe('a cluster of the two programs', () => {
  it('runs what a client starts, and is handed over by SIGTERM without waiting for a lease', async () => {
    const { up, connect } = bound(await clusterOn(await redisUrl()));
    const [client, first, worker, second] = await Promise.all([
      connect(),
      up('orchestrator'),
      up('step-worker'),
      up('step-worker'),
    ]);
    const run = await client.start(ThreeSteps, []);
    for (const pid of await run.result(SOON)) expect([worker.pid, second.pid]).toContain(pid);

    const other = await up('orchestrator');
    const runs = await Promise.all(Array.from({ length: 50 }, () => client.start(SlowStep, [500])));
    await worker.line('slow');
    const ends = await Promise.all([first.kill('SIGTERM'), worker.kill('SIGTERM')]);
    expect(ends).toEqual([
      { code: 0, signal: null },
      { code: 0, signal: null },
    ]);
    expect(await Promise.all(runs.map((each) => each.result(SOON)))).toHaveLength(50);
    const histories = await Promise.all(runs.map((each) => each.events()));
    expect(histories.flat().filter(({ type }) => type === 'step.lost')).toEqual([]);
    expect(other.stderr).toBe('');
  }, 60_000);

  it('goes on when its only step worker is killed in the middle of a step and a fresh one comes', async () => {
    const { up, connect } = bound(await clusterOn(await redisUrl()));
    const [client, worker] = await Promise.all([connect(), up('step-worker'), up('orchestrator')]);
    const run = await client.start(SlowStep, [60_000]);
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
