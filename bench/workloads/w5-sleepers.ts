import { setTimeout as delay } from 'node:timers/promises';
import type { Started } from '../engine.js';
import { pooled } from '../pooled.js';
import { round, summary } from '../statistics.js';
import { type Bench, expectResult, offered, settledRss, within, type Workload } from '../workload.js';

const LONGEST_MS = 300_000;
const SLEEP_MS = 5_000;
/** The same for all engines, and one that all of them keep up with: else the lag says how long the queue was. */
const STARTS_PER_SECOND = 100;
const MB = 1_048_576;

export const sleepers: Workload = {
  title: `sleeps of ${SLEEP_MS / 1_000} s, ${STARTS_PER_SECOND} started each second: due time to the code after the sleep`,
  figure: 'p99',
  unit: 'ms late',
  also: ['p50', 'max', 'rssGrowthMb'],
  async measure(bench) {
    const count = bench.isQuick ? 300 : 5_000;
    const sleeper = offered(bench.engine.sleeper?.bind(bench.engine));
    const before = await settledRss();
    const stop = await bench.meter.start();
    const began = performance.now();
    const runs = await within(LONGEST_MS, 'starting the sleepers', startAtRate(count, sleeper));
    const startSec = round((performance.now() - began) / 1_000);
    const results = Promise.all(runs.map(async (run, index) => expectResult(await run.result(), index)));
    await within(LONGEST_MS, 'waking the sleepers', results);
    const { foreignCores } = await stop();
    const lags = [...bench.probe.woken].map(([index, at]) => at - (bench.probe.due.get(index) ?? Number.NaN));
    const rssGrowthMb = round((process.memoryUsage().rss - before) / MB, 1);
    return { ...summary(lags, 1), startSec, rssGrowthMb, foreignCores };
  },
};

export const manySleepers: Workload = {
  title: '100,000 runs that sleep for an hour (--quick: 10,000): memory of the process',
  figure: 'mbPer100000',
  unit: 'MB per 100,000',
  also: ['startsPerSec'],
  async measure({ engine, isQuick }: Bench) {
    const count = isQuick ? 10_000 : 100_000;
    const sleeper = offered(engine.sleeper?.bind(engine));
    const start = async (index: number): Promise<void> => void (await sleeper(index, 3_600_000));
    await pooled(2_000, 200, start); // to be warm
    await delay(8_000); // waiting runs are kept in memory for a moment
    const before = await settledRss();
    const began = performance.now();
    await pooled(count, 200, (index) => start(index + 2_000));
    const startsPerSec = round(count / ((performance.now() - began) / 1_000), 0);
    await delay(8_000);
    const grown = (await settledRss()) - before;
    return { n: count, startsPerSec, mbPer100000: round((grown / MB) * (100_000 / count), 1) };
  },
};

/** Open loop: a start that takes long delays no other. */
async function startAtRate(
  count: number,
  sleeper: (index: number, ms: number) => Promise<Started>,
): Promise<readonly Started[]> {
  const began = performance.now();
  const starting: Promise<Started>[] = [];
  while (starting.length < count) {
    const due = Math.min(count, Math.ceil(((performance.now() - began) / 1_000) * STARTS_PER_SECOND));
    while (starting.length < due) starting.push(sleeper(starting.length, SLEEP_MS));
    await delay(5);
  }
  return Promise.all(starting);
}
