import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { StorageOptions } from 'nestjs-pyworkflow';
import { median, runsPerSecond, sequentialMs, withClient } from './measure.js';

const IN_FLIGHT = 100;
const [FEW, MANY] = [1_000, 4_000];
const HELP = `npm run bench -- [--quick] [--help]

Measures this machine: runs of three steps a second with ${IN_FLIGHT} in flight, and one run of ${FEW} against one of
${MANY} sequential steps, on SQLite and in files (synchronous FULL), and in memory. --quick takes fewer runs.`;

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const directory = mkdtempSync(join(tmpdir(), 'pyworkflow-bench-'));
const runs = values.quick ? 500 : 5_000;
const repetitions = values.quick ? 1 : 3;

const rows: Record<string, string | number>[] = [];
try {
  for (const storage of ['sqlite', 'file', 'memory'] as const) {
    console.log(`${storage} ...`);
    rows.push(await measure(storage));
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
console.table(rows);

async function measure(type: 'sqlite' | 'file' | 'memory'): Promise<Record<string, string | number>> {
  const storage: StorageOptions = type === 'memory' ? { type } : { type, path: join(directory, type) };
  return withClient(storage, async (client) => {
    await runsPerSecond(client, 500, IN_FLIGHT); // to be warm
    const rates: number[] = [];
    const ratios: number[] = [];
    let few = 0;
    let many = 0;
    for (let repetition = 0; repetition < repetitions; repetition++) {
      rates.push(await runsPerSecond(client, runs, IN_FLIGHT));
      few = await sequentialMs(client, FEW);
      many = await sequentialMs(client, MANY);
      ratios.push(many / few);
    }
    return {
      storage: type,
      'runs/s (3 steps, 100 in flight)': Math.round(median(rates)),
      [`ms for ${FEW} steps`]: Math.round(few),
      [`ms for ${MANY} steps`]: Math.round(many),
      'ratio (4.0 is linear)': median(ratios).toFixed(2),
    };
  });
}
