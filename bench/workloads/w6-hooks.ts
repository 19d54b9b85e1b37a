import { setTimeout as delay } from 'node:timers/promises';
import { summary } from '../statistics.js';
import { type Bench, expectResult, offered, within, type Workload } from '../workload.js';

const LONGEST_MS = 60_000;
/** So that the run has been stored as waiting. */
const SETTLE_MS = 100;

export const hooks: Workload = {
  title: 'an event sent to a run that waits for it, to the result of the run',
  figure: 'p50',
  unit: 'ms',
  also: ['p95', 'p99'],
  async measure(bench) {
    for (let index = 0; index < 5; index++) await deliver(bench, `warm-up-${index}`, index);
    const times: number[] = [];
    const stop = await bench.meter.start();
    for (let index = 0; index < (bench.isQuick ? 20 : 100); index++) {
      times.push(await deliver(bench, `bench-hook-${index}`, index));
    }
    const { foreignCores } = await stop();
    return { ...summary(times), foreignCores };
  },
};

async function deliver({ engine, probe }: Bench, key: string, value: number): Promise<number> {
  const run = await offered(engine.waiter?.bind(engine))(key);
  const deadline = performance.now() + LONGEST_MS;
  while (!probe.waiting.has(key)) {
    if (performance.now() > deadline) throw new Error('A run never waited for its event.');
    await delay(2);
  }
  await delay(SETTLE_MS);
  const before = performance.now();
  await offered(engine.send?.bind(engine))(key, value);
  expectResult(await within(LONGEST_MS, 'the result after an event', run.result()), value);
  return performance.now() - before;
}
