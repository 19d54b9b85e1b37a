import { type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type StorageOptions, WorkflowClient } from 'nestjs-pyworkflow';
import { benchModule, SequentialSteps, ThreeSteps } from './workflows.js';

/** Boots an application on a storage, hands its client to a measurement, and ends it. */
export async function withClient<T>(
  storage: StorageOptions,
  measure: (client: WorkflowClient) => Promise<T>,
): Promise<T> {
  const app = await NestFactory.createApplicationContext(benchModule(storage) as Type, { logger: false });
  try {
    return await measure(app.get(WorkflowClient));
  } finally {
    await app.close();
  }
}

/** Runs of three steps a second, start to result, with so many in flight. */
export async function runsPerSecond(client: WorkflowClient, runs: number, inFlight: number): Promise<number> {
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (begun < runs) {
      const start = begun++;
      const run = await client.start(ThreeSteps, [start]);
      check(await run.result(), start + 3);
    }
  };
  const before = performance.now();
  await Promise.all(Array.from({ length: inFlight }, lane));
  return runs / ((performance.now() - before) / 1_000);
}

/** Milliseconds that one run of so many sequential steps takes. */
export async function sequentialMs(client: WorkflowClient, steps: number): Promise<number> {
  const before = performance.now();
  const run = await client.start(SequentialSteps, [steps]);
  check(await run.result(), steps);
  return performance.now() - before;
}

function check(actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`A run gave ${actual} instead of ${expected}.`);
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
