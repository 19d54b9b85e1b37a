/** Measures one workload of one engine, in a process of its own, and sends the figures to its parent. */
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ENGINES, WORKLOADS } from './catalog.js';
import type { ChildTask } from './child-process.js';
import { Meter } from './meter.js';
import { PostgresMonitor } from './postgres-monitor.js';
import { Probe } from './probe.js';
import { type Figures, NotOfferedError } from './workload.js';

const CLOSE_MS = 15_000;

// Whoever asked is gone.
process.once('disconnect', () => process.exit(1));

process.once('message', (task: ChildTask) => {
  void measure(task)
    .catch((error: unknown): Figures => {
      if (error instanceof NotOfferedError) return { skipped: error.message };
      return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    })
    .then((figures) => process.send?.(figures, () => process.exit(0)));
});

async function measure(task: ChildTask): Promise<Figures> {
  const directory = mkdtempSync(join(tmpdir(), 'pyworkflow-bench-'));
  try {
    const { databaseUrl, adminUrl } = task;
    const monitor = databaseUrl && adminUrl ? await PostgresMonitor.open(adminUrl, databaseUrl) : undefined;
    const probe = new Probe();
    const engine = await ENGINES[task.engine]!.open({ ...task, probe, directory });
    try {
      await delay(500); // what engines do when they start is not measured
      const meter = new Meter(monitor, engine);
      return await WORKLOADS[task.workload]!.measure({ engine, probe, meter, isQuick: task.isQuick });
    } finally {
      await Promise.race([engine.close(), delay(CLOSE_MS)]);
      await monitor?.close();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
