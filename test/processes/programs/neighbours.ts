/** Runs some ordinary workflows beside one that misbehaves as MISBEHAVE says, and prints how each of them ended. */
import { sleep } from '../../../libs/runtime/index.js';
import { TypeOrmStore } from '../../../libs/typeorm/index.js';
import { engineOn, ledger, step, workflow } from '../support/engine.js';

const LEASE_MS = 300;
const NEIGHBOURS = 20;

const first = step('first', async (n: number) => {
  await pause(100);
  return n + 1;
});
const second = step('second', async (n: number) => n * 2);
const failing = step(
  'failing',
  async () => {
    throw new Error('from a step');
  },
  { maxRetries: 0 },
);
const blocking = step('blocking', async () => block(3 * LEASE_MS));

workflow('neighbour', async (n: number) => {
  const one = await first(n);
  await sleep('100ms');
  return second(one);
});

workflow('helper rejects at once', async () => {
  const helper = async (): Promise<never> => {
    throw new Error('from a helper');
  };
  return caughtAfterStep(helper());
});

workflow('helper rejects with its step', async () => {
  const helper = async (): Promise<unknown> => failing();
  return caughtAfterStep(helper());
});

workflow('helper rejects after ordinary work', async () => {
  const helper = async (): Promise<never> => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    throw new Error('from a timer');
  };
  return caughtAfterStep(helper());
});

workflow('helper is never awaited', async () => {
  void Promise.reject(new Error('forgotten'));
  return first(0);
});

workflow('nobody handles it', async () => {
  setTimeoutOutsideOfRuns();
  return first(0);
});

workflow('workflow blocks', async () => {
  await first(0);
  block(3 * LEASE_MS);
  return second(1);
});

workflow('step blocks', async () => {
  await blocking();
  return second(1);
});

const belongsToNoRun: (() => void)[] = [];

ledger.write({ event: 'boot' });
const store = new TypeOrmStore({ type: 'sqlite', path: process.env['DATABASE']! });
await store.open();
const engine = engineOn(store, { leaseMs: LEASE_MS, recoveryIntervalMs: LEASE_MS });
await engine.start();
const runs = await Promise.all(
  Array.from({ length: NEIGHBOURS }, (_, n) => engine.startRun({ workflow: 'neighbour', args: [n] })),
);
const odd = await engine.startRun({ workflow: process.env['MISBEHAVE']!, args: [] });
for (const reject of belongsToNoRun) reject();
const oddResult = await engine.result(odd.runId, 10_000);
const results = await Promise.all(runs.map(({ runId }) => engine.result(runId, 10_000)));
console.log('odd', JSON.stringify(oddResult));
console.log('neighbours', JSON.stringify(results));
console.log('fenced', engine.ports.counters.fenced);
await engine.stop();
await store.close();
console.log('closed');

/** A rejection that comes first, is kept for the await that comes later. */
async function caughtAfterStep(rejecting: Promise<unknown>): Promise<string> {
  await first(0);
  await sleep('50ms');
  return rejecting.then(
    () => 'nothing came',
    (error: Error) => `caught: ${error.message}`,
  );
}

function setTimeoutOutsideOfRuns(): void {
  belongsToNoRun.push(() => void Promise.reject(new Error('a stray of the application')));
}

/** By the system's stopwatch: in workflow code Date.now() stands still. */
function block(ms: number): void {
  for (const end = process.hrtime.bigint() + BigInt(ms) * 1_000_000n; process.hrtime.bigint() < end;);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
