/** Runs forty workflows with steps side by side, sleeps, hooks and retries, until all of them have ended. */
import {
  createHook,
  getCurrentContext,
  parallel,
  race,
  sideEffect,
  sleep,
  type StepContext,
  timeout,
} from '../../../libs/runtime/index.js';
import { TypeOrmStore } from '../../../libs/typeorm/index.js';
import { engineOn, ledger, step, workflow } from '../support/engine.js';

const RUNS = 40;

const first = step('first', async (n: number) => work(10 + n, n));
const flaky = step(
  'flaky',
  async (n: number) => {
    const { attempt } = getCurrentContext() as StepContext;
    if (attempt === 1) throw new Error('the first attempt fails');
    return work(5, n);
  },
  { backoff: '30ms' },
);
const part = step('part', async (n: number, index: number) => work(5 * index, n * index));
const last = step('last', async (...values: unknown[]) => work(5, values));

workflow('many', async (n: number) => {
  const started = await first(n);
  const host = await sideEffect(() => `process of run ${n}`);
  const parts = await parallel([1, 2, 3, 4], (index) => part(n, index), { concurrency: 2 });
  await sleep('80ms');
  const winner = await race([flaky(n), sleep('1h').then(() => 'the timer')]);
  const hook = createHook<string>({ token: `many-token-${n}` });
  const answer = await timeout(hook, '10m');
  return last(started, host, parts, winner, answer);
});

ledger.write({ event: 'boot' });
const store = new TypeOrmStore({ type: 'sqlite', path: process.env['DATABASE']! });
await store.open();
const engine = engineOn(store, { sessionIdleMs: Number(process.env['SESSION_IDLE_MS'] ?? 5_000) });
await engine.start();
console.log('up');
const results = await Promise.all(
  Array.from({ length: RUNS }, async (_, n) => {
    const runId = `many-${n}`;
    if (!(await store.runs.get(runId))) await engine.startRun({ workflow: 'many', runId, args: [n] });
    await answer(runId, n);
    return engine.result(runId, 60_000);
  }),
);
console.log('results', JSON.stringify(results));
await engine.stop();
await store.close();

/** As a webhook that is tried until it is answered; with one delivery id it counts once. */
async function answer(runId: string, n: number): Promise<void> {
  const token = `many-token-${n}`;
  for (;;) {
    const hook = await store.hooks.findByToken(token);
    if (hook?.status === 'open') await engine.deliverHook(token, `answer ${n}`, `delivery ${n}`);
    if (hook) return;
    const { status, reason } = (await store.runs.get(runId))!;
    if (status !== 'running' && status !== 'suspended') throw new Error(`${runId} is ${status}: ${reason}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function work<T>(ms: number, value: T): Promise<T> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return value;
}
