import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModuleMetadata } from '@nestjs/common';
import type { PyWorkflowOptions, RunStatus, StorageOptions, WorkflowClient } from 'nestjs-pyworkflow';
import { WorkflowTestingModule } from 'nestjs-pyworkflow/testing';
import { postgresUrl, redisKeyPrefix, redisUrl } from './services/index.js';

const open: { close(): Promise<void> }[] = [];
const directories: string[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((it) => it.close()));
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** Closes it after the test. */
export function closeLater<T extends { close(): Promise<void> }>(it: T): T {
  open.push(it);
  return it;
}

/** The path of a database that is removed after the test. */
export function temporaryDatabase(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pyworkflow-e2e-'));
  directories.push(directory);
  return join(directory, 'nested', 'workflows.db');
}

export const STORAGES = ['memory', 'sqlite', 'file', 'postgres', 'redis'] as const;
export type Storage = (typeof STORAGES)[number];

let storages = 0;

/** A storage that is empty. */
export async function storageOf(type: Storage): Promise<StorageOptions> {
  switch (type) {
    case 'memory':
      return { type };
    case 'sqlite':
      return { type, path: temporaryDatabase(), synchronous: 'NORMAL' };
    case 'file':
      return { type, path: temporaryDatabase(), synchronous: 'NORMAL' };
    case 'postgres':
      return { type, url: await postgresUrl(), schema: `e2e_${(storages += 1)}`, poolSize: 3 };
    case 'redis':
      return { type, url: await redisUrl(), keyPrefix: `${redisKeyPrefix()}{${(storages += 1)}}:` };
  }
}

/** An application on a clock that skips time, closed after the test. */
export async function boot(metadata: ModuleMetadata, workflow: PyWorkflowOptions = {}): Promise<WorkflowTestingModule> {
  return closeLater(await WorkflowTestingModule.create({ ...metadata, workflow }).compile());
}

/** Gives the event loop turns until something holds; no time passes on the clock of the test. */
export async function eventually(holds: () => boolean | Promise<boolean>, what = 'it'): Promise<void> {
  for (let turn = 0; turn < 10_000; turn++) {
    if (await holds()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`${what} did not come about`);
}

export function untilStatus(client: WorkflowClient, runId: string, status: RunStatus): Promise<void> {
  return eventually(async () => (await client.getRun(runId)).status === status, `run ${runId} ${status}`);
}

/** Waits until a run has an event of a type. */
export function untilEvent(client: WorkflowClient, runId: string, type: string): Promise<void> {
  return eventually(
    async () => (await client.getEvents(runId)).some((event) => event.type === type),
    `${type} of ${runId}`,
  );
}
