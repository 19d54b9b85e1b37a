import { type StorageOptions, WorkflowClient } from 'nestjs-pyworkflow';
import { pooled } from './pooled.js';
import { Probe } from './probe.js';
import { expectResult } from './workload.js';
import { openApplication } from './application.js';
import { SequentialSteps, ThreeSteps } from './workflows.js';

/** Boots an application on a storage, hands its client to a measurement, and ends it. */
export async function withClient<T>(
  storage: StorageOptions,
  measure: (client: WorkflowClient) => Promise<T>,
): Promise<T> {
  const app = await openApplication(storage, new Probe());
  try {
    return await measure(app.get(WorkflowClient));
  } finally {
    await app.close();
  }
}

/** Runs of three steps a second, start to result, with so many in flight. */
export async function runsPerSecond(client: WorkflowClient, runs: number, inFlight: number): Promise<number> {
  const before = performance.now();
  await pooled(runs, inFlight, async (index) => {
    const run = await client.start(ThreeSteps, [index]);
    expectResult(await run.result(), index + 3);
  });
  return runs / ((performance.now() - before) / 1_000);
}

/** Milliseconds that one run of so many sequential steps takes. */
export async function sequentialMs(client: WorkflowClient, steps: number): Promise<number> {
  const before = performance.now();
  const run = await client.start(SequentialSteps, [steps]);
  expectResult(await run.result(), steps);
  return performance.now() - before;
}
