import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { type PyWorkflowOptions, type StorageOptions, WorkflowClient, WorkflowStore } from 'nestjs-pyworkflow';
import type { StoreStatistics } from 'nestjs-pyworkflow/typeorm';
import { openApplication } from '../application.js';
import type { BenchEngine, EngineContext, EngineEntry, Replayed } from '../engine.js';
import { FanOut, LongHistory, SequentialSteps, Sleeper, ThreeSteps, Waiter } from '../workflows.js';

export const pyworkflowPostgres: EngineEntry = {
  title: 'nestjs-pyworkflow, all in one process on PostgreSQL',
  config: 'defaults',
  needs: ['postgres'],
  open: (context) => open(context, { type: 'postgres', url: context.databaseUrl }),
};

export const pyworkflowSqlite: EngineEntry = {
  title: 'nestjs-pyworkflow, embedded on SQLite',
  config: 'defaults: synchronous=FULL',
  needs: [],
  skips: { IDLE: 'counts the statements of a server' },
  open: (context) => open(context, { type: 'sqlite', path: join(context.directory, 'bench.db'), synchronous: 'FULL' }),
};

export const pyworkflowRedis: EngineEntry = {
  title: 'nestjs-pyworkflow, all in one process on Redis',
  config: 'defaults; the server says how much of its append-only file a failure may cost',
  needs: ['redis'],
  skips: { IDLE: 'counts the statements of PostgreSQL' },
  open: (context) => open(context, redisStorage(context)),
};

export const pyworkflowFile: EngineEntry = {
  title: 'nestjs-pyworkflow, embedded in files',
  config: 'defaults',
  needs: [],
  skips: { IDLE: 'counts the statements of a server' },
  open: (context) => open(context, { type: 'file', path: join(context.directory, 'files') }),
};

export const pyworkflowMemory: EngineEntry = {
  title: 'nestjs-pyworkflow in memory, which keeps nothing',
  config: 'defaults',
  needs: [],
  skips: {
    W5M: 'keeps the runs in memory',
    W7: 'keeps nothing that could be replayed',
    W8: 'keeps the histories in memory',
    IDLE: 'has no server',
  },
  open: (context) => open(context, { type: 'memory' }),
};

/** The keys of one measurement. */
export function redisStorage({ redisUrl, keyPrefix }: EngineContext): StorageOptions {
  return { type: 'redis', url: redisUrl, keyPrefix };
}

const IDLE_PROCESSES = 3;
const IDLE_QUEUES: PyWorkflowOptions = {
  queues: Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`queue-${index}`, {}])),
};

async function open(context: EngineContext, storage: StorageOptions): Promise<BenchEngine> {
  const isIdle = context.workload === 'IDLE';
  const apps: INestApplicationContext[] = [];
  for (let count = 0; count < (isIdle ? IDLE_PROCESSES : 1); count++) {
    apps.push(await openApplication(storage, context.probe, isIdle ? IDLE_QUEUES : {}));
  }
  return new PyWorkflowEngine(apps, () => openApplication(storage, context.probe), context);
}

export class PyWorkflowEngine implements BenchEngine {
  constructor(
    private apps: readonly INestApplicationContext[],
    private readonly reopen: () => Promise<INestApplicationContext>,
    private readonly context: EngineContext,
  ) {}

  three(start: number): Promise<{ result(): Promise<number> }> {
    return this.client.start(ThreeSteps, [start]);
  }

  async fanOut(width: number): Promise<number> {
    return (await this.client.start(FanOut, [width])).result();
  }

  async sequential(steps: number): Promise<number> {
    return (await this.client.start(SequentialSteps, [steps])).result();
  }

  sleeper(index: number, ms: number): Promise<{ result(): Promise<number> }> {
    return this.client.start(Sleeper, [index, ms]);
  }

  waiter(key: string): Promise<{ result(): Promise<number> }> {
    return this.client.start(Waiter, [key]);
  }

  async send(key: string, value: number): Promise<void> {
    await this.client.resumeHook(key, value);
  }

  /** A run is brought into memory when something comes for it. */
  async prepareReplay(events: number): Promise<() => Promise<Replayed>> {
    const token = 'long-history';
    const { runId } = await this.client.start(LongHistory, [Math.ceil((events - 2) / 2), token]);
    await this.waitedSince(token, 0);
    return async () => {
      await this.close();
      this.apps = [await this.reopen()];
      const read = this.firstRead();
      const { eventCount } = await this.client.getRun(runId);
      const began = performance.now();
      await this.client.resumeHook(token, 1);
      const waitedAt = await this.waitedSince(token, began);
      const first = read.first();
      return { events: eventCount, ms: waitedAt - first.at, cpuMs: cpuMs() - first.cpuMs };
    };
  }

  statements(): { count: number; processes: number } {
    const counts = this.apps.map((app) => {
      const { statistics } = app.get(WorkflowStore) as { statistics?: StoreStatistics };
      return statistics?.statements ?? 0;
    });
    return { count: counts.reduce((sum, count) => sum + count, 0), processes: counts.length };
  }

  async close(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.close()));
  }

  private get client(): WorkflowClient {
    return this.apps[0]!.get(WorkflowClient);
  }

  private firstRead(): { first(): { readonly at: number; readonly cpuMs: number } } {
    const { events } = this.apps[0]!.get(WorkflowStore);
    const load = events.load.bind(events);
    let first: { readonly at: number; readonly cpuMs: number } | undefined;
    events.load = (...args) => {
      first ??= { at: performance.now(), cpuMs: cpuMs() };
      return load(...args);
    };
    return {
      first: () => {
        if (!first) throw new Error('The history was not read.');
        return first;
      },
    };
  }

  private async waitedSince(token: string, since: number): Promise<number> {
    const { waiting } = this.context.probe;
    const deadline = performance.now() + 300_000;
    for (;;) {
      const at = waiting.get(token);
      if (at !== undefined && at > since) return at;
      if (performance.now() > deadline) throw new Error('The run with the long history never waited.');
      await delay(1);
    }
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
