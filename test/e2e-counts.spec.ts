import { Injectable, type Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { Redis } from 'ioredis';
import pg from 'pg';
import { Clock, WorkflowStore } from '../libs/core/index.js';
import { WorkflowEngine } from '../libs/runtime/index.js';
import { VirtualClock } from '../libs/testing/index.js';
import type { TypeOrmStore } from '../libs/typeorm/index.js';
import { createHook, PyWorkflowModule, type PyWorkflowOptions, Step, Workflow, WorkflowClient } from '../src/index.js';
import { createPostgresDatabase, redisKeyPrefix, redisUrl } from './services/index.js';
import { StoreWatch } from './store-watch.spec-helpers.js';

@Injectable()
class Steps {
  @Step() async add(n: number): Promise<number> {
    return n + 1;
  }
}

@Workflow({ name: 'three-steps' })
class ThreeSteps {
  constructor(private readonly steps: Steps) {}

  async run(n: number): Promise<number> {
    return this.steps.add(await this.steps.add(await this.steps.add(n)));
  }
}

@Workflow({ name: 'fan-out' })
class FanOut {
  constructor(private readonly steps: Steps) {}

  async run(width: number): Promise<number> {
    return (await Promise.all(Array.from({ length: width }, (_, n) => this.steps.add(n)))).length;
  }
}

@Workflow({ name: 'approval' })
class Approval {
  async run(token: string): Promise<string> {
    return createHook<string>({ token });
  }
}

interface Process {
  readonly app: TestingModule;
  readonly store: TypeOrmStore;
  readonly watch: StoreWatch;
}

const apps: TestingModule[] = [];
let prefixes = 0;
let options: PyWorkflowOptions;
let redis: Redis;
let prefix: string;
let scripts: jest.SpyInstance<unknown, unknown[]>;

beforeEach(async () => {
  prefix = `${redisKeyPrefix()}counts${++prefixes}`;
  redis = new Redis(await redisUrl());
  scripts = jest.spyOn(Redis.prototype, 'eval') as never;
  options = {
    storage: { type: 'postgres', url: await createPostgresDatabase() },
    queue: { type: 'bullmq', url: await redisUrl(), prefix },
    // What a slow machine makes late is not made up for meanwhile: it would be counted.
    lease: '10m',
    recoveryInterval: '10m',
    logger: false,
  };
});

afterEach(async () => {
  for (const app of apps.splice(0).reverse()) await app.close();
  redis.disconnect();
  scripts.mockRestore();
});

async function boot(role: PyWorkflowOptions['role'], more: readonly Type[] = [], clock?: Clock): Promise<Process> {
  const builder = Test.createTestingModule({
    imports: [PyWorkflowModule.forRoot({ ...options, role })],
    providers: [Steps, ThreeSteps, FanOut, Approval, ...more],
  });
  if (clock) builder.overrideProvider(Clock).useValue(clock);
  const app = await builder.compile();
  apps.push(app);
  await app.init();
  const store = app.get<TypeOrmStore>(WorkflowStore);
  return { app, store, watch: new StoreWatch(store) };
}

/** BullMQ numbers the jobs of each queue. Wakes of runs that a process holds are in a list. */
async function messages(): Promise<Readonly<Record<string, number>>> {
  const keys = await redis.keys(`${prefix}:*:id`);
  const jobs = keys.map(async (key) => [key.split(':').at(-2)!, Number(await redis.get(key))]);
  const counts = Object.fromEntries(await Promise.all(jobs)) as Record<string, number>;
  const lists = scripts.mock.calls.filter(([, , key]) => String(key).startsWith(`${prefix}:wakes-`));
  // After the script, how many keys, the key, and how long it is kept or how many are taken.
  return { ...counts, wakes: lists.reduce((sum, { length }) => sum + length - 4, 0) };
}

describe('in one process', () => {
  async function bootAlone(): Promise<{
    client: WorkflowClient;
    statementsOf: (work: () => Promise<unknown>) => Promise<number>;
  }> {
    const { storage, lease, recoveryInterval, logger } = options as Required<PyWorkflowOptions>;
    options = { storage, lease, recoveryInterval, logger };
    const { app, store } = await boot('all');
    const statementsOf = async (work: () => Promise<unknown>): Promise<number> => {
      const before = store.statistics.statements!;
      await work();
      return store.statistics.statements! - before;
    };
    return { client: app.get(WorkflowClient), statementsOf };
  }

  it('three steps one after another are four statements from the start to the result', async () => {
    const { client, statementsOf } = await bootAlone();
    expect(await statementsOf(async () => (await client.start(ThreeSteps, [1])).result())).toBe(4);
  }, 60_000);

  it('a payload is two statements from its delivery to the result of the run that waits for it', async () => {
    const { client, statementsOf } = await bootAlone();
    await client.start(Approval, ['a-known-token']);
    expect(await statementsOf(async () => (await client.resumeHook('a-known-token', 'yes')).result())).toBe(2);
  }, 60_000);
});

describe('in three processes', () => {
  it('three steps one after another cost nine commits and seven messages', async () => {
    const client = await boot('client');
    const orchestrator = await boot('orchestrator');
    const worker = await boot('step-worker');
    const sent = jest.spyOn(pg.Client.prototype, 'query');
    const before = client.store.statistics.statements!;
    const run = await client.app.get(WorkflowClient).start(ThreeSteps, [1]);
    expect(await run.result({ timeout: '30s' })).toBe(4);
    const statements = sent.mock.calls.map(([statement]) => textOf(statement));
    sent.mockRestore();
    expect(client.watch.writes).toEqual({ commit: 1 });
    // It looks for the result when it is told that the run has ended.
    expect(client.store.statistics.statements! - before).toBe(2);
    expect(orchestrator.watch.writes).toEqual({ claim: 1, commit: 4 });
    expect(worker.watch.writes).toEqual({ begin: 3, append: 3 });
    // Each is one statement, and a transaction of its own.
    expect(statements.filter((text) => /\b(INSERT|UPDATE|DELETE)\b/.test(text))).toHaveLength(9 + 3);
    expect(statements.filter((text) => /\b(BEGIN|COMMIT)\b/.test(text))).toEqual([]);
    expect(await messages()).toEqual({ workflows: 1, steps: 3, wakes: 3 });
  }, 60_000);

  it('a fan-out of 200 steps has one commit of its run under way at a time', async () => {
    const client = await boot('client');
    const orchestrator = await boot('orchestrator');
    const workers = [await boot('step-worker'), await boot('step-worker')];
    const run = await client.app.get(WorkflowClient).start(FanOut, [200]);
    expect(await run.result({ timeout: '30s' })).toBe(200);
    const { activations } = orchestrator.app.get(WorkflowEngine).ports.counters;
    const sent = await messages();
    const begun = workers.reduce((sum, { watch }) => sum + (watch.writes['begin'] ?? 0), 0);
    // Attempts that are taken at about the same time begin in one statement.
    expect(begun).toBeLessThan(200);
    expect(sent['steps']).toBe(200);
    expect(orchestrator.watch.mostCommitsAtOnce).toBe(1);
    expect(activations).toBeLessThanOrEqual(sent['workflows']! + sent['wakes']!);
  }, 60_000);
});

describe('an idle cluster', () => {
  it('sends at most one statement per second and process', async () => {
    const clock = new VirtualClock(Date.now());
    options = { ...options, lease: '15s', recoveryInterval: '15s' };
    const queues = Array.from({ length: 10 }, (_, index) => stepsOf(`queue-${index}`));
    const processes = [
      await boot('orchestrator', queues, clock),
      await boot('step-worker', queues, clock),
      await boot('step-worker', queues, clock),
    ];
    const before = processes.map(({ store }) => store.statistics.statements!);
    const sent = jest.spyOn(pg.Client.prototype, 'query');
    const seconds = 300;
    await advance(clock, seconds * 1_000, processes);
    const counts = processes.map(({ store }, index) => store.statistics.statements! - before[index]!);
    const all = sent.mock.calls.length;
    sent.mockRestore();
    for (const count of counts) {
      expect(count).toBeGreaterThan(0);
      expect(count).toBeLessThanOrEqual(seconds);
    }
    // Nothing was sent that is not counted.
    expect(all).toBe(counts.reduce((sum, count) => sum + count, 0));
  }, 60_000);
});

function textOf(statement: unknown): string {
  return typeof statement === 'string' ? statement : (statement as { readonly text: string }).text;
}

function stepsOf(queue: string): Type {
  @Injectable()
  class Named {
    @Step({ name: queue, queue }) async work(): Promise<void> {}
  }
  return Named;
}

/** Lets time pass, timer by timer, each when what the one before it asked of the store is there. */
async function advance(clock: VirtualClock, ms: number, processes: readonly Process[]): Promise<void> {
  const until = clock.now() + ms;
  while ((clock.nextAt ?? Infinity) <= until) {
    clock.runNext();
    let quietTurns = 0;
    while (quietTurns < 3) {
      await new Promise((resolve) => setImmediate(resolve));
      quietTurns = processes.every(({ watch }) => watch.isQuiet) ? quietTurns + 1 : 0;
    }
  }
}
