import { round, summary } from '../statistics.js';
import { runThree, within, type Workload } from '../workload.js';

const LONGEST_MS = 60_000;

export const latency: Workload = {
  title: 'a run of 3 steps, start to result, one at a time',
  figure: 'p50',
  unit: 'ms',
  also: ['p95', 'p99'],
  async measure(bench) {
    const runs = bench.isQuick ? 50 : 200;
    for (let index = 0; index < 20; index++) await runThree(bench, index); // to be warm
    const whole: number[] = [];
    const toLastStep: number[] = [];
    const stop = await bench.meter.start();
    for (let index = 0; index < runs; index++) {
      const before = performance.now();
      await within(LONGEST_MS, 'a run of W2', runThree(bench, index));
      whole.push(performance.now() - before);
      // A step in another process does not say when it ran.
      if (bench.probe.lastStepAt > before) toLastStep.push(bench.probe.lastStepAt - before);
    }
    const { foreignCores } = await stop();
    return {
      ...summary(whole),
      ...(toLastStep.length > 0 && { toLastStepP50: round(summary(toLastStep).p50) }),
      foreignCores,
    };
  },
};
