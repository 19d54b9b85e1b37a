import { round } from '../statistics.js';
import { type Bench, expectResult, offered, within, type Workload } from '../workload.js';

const LONGEST_MS = 600_000;

export const linearity: Workload = {
  title: 'one run of 1,000 and one of 4,000 sequential steps (--quick: 250 and 1,000)',
  figure: 'msPerStep',
  unit: 'ms/step',
  also: ['ratio', 'fewSec', 'manySec'],
  async measure(bench) {
    const [few, many] = bench.isQuick ? [250, 1_000] : [1_000, 4_000];
    await seconds(bench, 200); // to be warm
    const stop = await bench.meter.start();
    const fewSec = await seconds(bench, few);
    const manySec = await seconds(bench, many);
    const { foreignCores } = await stop();
    return {
      sizes: [few, many],
      fewSec: round(fewSec, 3),
      manySec: round(manySec, 3),
      ratio: round(manySec / fewSec),
      msPerStep: round((manySec / many) * 1_000, 3),
      foreignCores,
    };
  },
};

async function seconds({ engine }: Bench, steps: number): Promise<number> {
  const before = performance.now();
  const result = await within(LONGEST_MS, `a run of ${steps} steps`, offered(engine.sequential?.bind(engine))(steps));
  expectResult(result, steps);
  return (performance.now() - before) / 1_000;
}
