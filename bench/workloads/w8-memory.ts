import { pooled } from '../pooled.js';
import { round } from '../statistics.js';
import { runThree, settledRss, type Workload } from '../workload.js';

const IN_FLIGHT = 100;

export const memory: Workload = {
  title: 'memory after a collection, from 10,000 to 50,000 runs through one process (--quick: 2,000 to 6,000)',
  figure: 'kbPerRun',
  unit: 'KB/run',
  also: ['rssFewMb', 'rssManyMb'],
  async measure(bench) {
    const [few, many] = bench.isQuick ? [2_000, 6_000] : [10_000, 50_000];
    await pooled(few, IN_FLIGHT, (index) => runThree(bench, index));
    const before = await settledRss();
    await pooled(many - few, IN_FLIGHT, (index) => runThree(bench, index));
    const after = await settledRss();
    return {
      sizes: [few, many],
      rssFewMb: round(before / 1_048_576, 1),
      rssManyMb: round(after / 1_048_576, 1),
      kbPerRun: round((after - before) / 1_024 / (many - few), 3),
    };
  },
};
