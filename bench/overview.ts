import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StorageOptions } from 'nestjs-pyworkflow';
import { median } from './statistics.js';
import { runsPerSecond, sequentialMs, withClient } from './measure.js';

const IN_FLIGHT = 100;
const [FEW, MANY] = [1_000, 4_000];

/** Measures this package alone, on the stores that need no server, and prints a table. */
export async function overview(isQuick: boolean): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'pyworkflow-bench-'));
  const stores: Readonly<Record<string, StorageOptions>> = {
    sqlite: { type: 'sqlite', path: join(directory, 'bench.db') },
    file: { type: 'file', path: join(directory, 'files') },
    memory: { type: 'memory' },
  };
  const rows: Record<string, string | number>[] = [];
  try {
    for (const [name, storage] of Object.entries(stores)) {
      console.log(`${name} ...`);
      rows.push({ storage: name, ...(await measure(storage, isQuick)) });
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  console.table(rows);
}

async function measure(storage: StorageOptions, isQuick: boolean): Promise<Record<string, string | number>> {
  const runs = isQuick ? 500 : 5_000;
  const repetitions = isQuick ? 1 : 3;
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
      'runs/s (3 steps, 100 in flight)': Math.round(median(rates)),
      [`ms for ${FEW} steps`]: Math.round(few),
      [`ms for ${MANY} steps`]: Math.round(many),
      'ratio (4.0 is linear)': median(ratios).toFixed(2),
    };
  });
}
