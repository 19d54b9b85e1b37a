import { setTimeout as delay } from 'node:timers/promises';
import { pooled } from '../pooled.js';
import { median, round } from '../statistics.js';
import { type Bench, type Figures, runThree, within, type Workload } from '../workload.js';

const IN_FLIGHT = 100;
const LONGEST_MS = 600_000;

export const throughput: Workload = {
  title: `runs of 3 sequential steps, ${IN_FLIGHT} in flight, start to result`,
  figure: 'runsPerSec',
  unit: 'runs/s',
  also: ['writeTxPerRun', 'nodeCpuPer1000', 'pgCpuPer1000'],
  measure: (bench) => measureThroughput(bench, bench.isQuick ? { runs: 1_000, repetitions: 1 } : FULL),
};

const FULL = { runs: 2_000, repetitions: 3 };

/** Also for a smoke test of a few runs. */
export async function measureThroughput(
  bench: Bench,
  { runs, repetitions }: { readonly runs: number; readonly repetitions: number },
): Promise<Figures> {
  await pooled(Math.min(500, runs), IN_FLIGHT, (index) => runThree(bench, index)); // to be warm
  const metered = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    if (repetition > 0) await delay(2_000);
    const stop = await bench.meter.start();
    await within(
      LONGEST_MS,
      'W1',
      pooled(runs, IN_FLIGHT, (index) => runThree(bench, index)),
    );
    metered.push(await stop());
  }
  const rates = metered.map(({ wallSec }) => round(runs / wallSec, 1));
  const middle = metered[rates.indexOf(median(rates))] ?? metered[0]!;
  const perRun = (total: number | undefined, digits = 2): number | undefined =>
    total === undefined ? undefined : round(total / runs, digits);
  return {
    n: runs,
    inflight: IN_FLIGHT,
    reps: rates,
    runsPerSec: round(median(rates), 1),
    writeTxPerRun: perRun(middle.writeTx),
    walBytesPerRun: perRun(middle.walBytes, 0),
    nodeCpuPer1000: perRun(middle.nodeCpuSec * 1_000),
    pgCpuPer1000: perRun(middle.pgCpuSec === undefined ? undefined : middle.pgCpuSec * 1_000),
    serverCpuPer1000: perRun(middle.serverCpuSec === undefined ? undefined : middle.serverCpuSec * 1_000),
    foreignCores: middle.foreignCores,
  };
}
