import { setTimeout as delay } from 'node:timers/promises';
import { median, round } from '../statistics.js';
import { type Bench, expectResult, offered, within, type Workload } from '../workload.js';

const WIDTH = 200;
const LONGEST_MS = 300_000;

export const fanOut: Workload = {
  title: `one run of ${WIDTH} steps side by side`,
  figure: 'medianMs',
  unit: 'ms',
  async measure(bench) {
    await once(bench); // to be warm
    const times: number[] = [];
    const stop = await bench.meter.start();
    for (let repetition = 0; repetition < (bench.isQuick ? 3 : 5); repetition++) {
      await delay(200);
      const before = performance.now();
      await within(LONGEST_MS, 'W3', once(bench));
      times.push(round(performance.now() - before));
    }
    const { foreignCores, writeTx } = await stop();
    return { width: WIDTH, medianMs: median(times), times, writeTx, foreignCores };
  },
};

async function once({ engine }: Bench): Promise<void> {
  const sum = await offered(engine.fanOut?.bind(engine))(WIDTH);
  expectResult(sum, (WIDTH * (WIDTH + 1)) / 2);
}
