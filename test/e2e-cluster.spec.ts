import { Injectable, Module, type Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  getCurrentContext,
  getStepContext,
  PyWorkflowModule,
  type PyWorkflowOptions,
  setStepContext,
  sleep,
  Step,
  Workflow,
  WorkflowClient,
} from '../src/index.js';
import { createPostgresDatabase, redisKeyPrefix, redisUrl } from './services/index.js';

const places: string[] = [];

@Injectable()
class Steps {
  @Step() async add(n: number): Promise<number> {
    places.push(`${getCurrentContext().workflowName} ${getStepContext<string>()}`);
    return n + 1;
  }

  @Step({ queue: 'heavy', maxRetries: 1, backoff: '10ms' }) async heavy(text: string): Promise<number> {
    return text.length;
  }
}

@Workflow({ name: 'cluster-sum' })
class Sum {
  constructor(private readonly steps: Steps) {}

  async run(n: number): Promise<number> {
    setStepContext('a tenant');
    let sum = n;
    for (let i = 0; i < 3; i++) sum = await this.steps.add(sum);
    await sleep(0.05);
    const more = await Promise.all([1, 2, 3].map((each) => this.steps.add(each)));
    // Larger than what a message carries.
    return sum + more.length + (await this.steps.heavy('x'.repeat(10_000)));
  }
}

describe('an orchestrator, two step workers and a client on PostgreSQL and BullMQ', () => {
  const apps: TestingModule[] = [];
  let options: PyWorkflowOptions;

  async function boot(role: PyWorkflowOptions['role'], more: Partial<PyWorkflowOptions> = {}): Promise<TestingModule> {
    @Module({
      imports: [PyWorkflowModule.forRoot({ ...options, role, ...more })],
      providers: [Steps, Sum] as Type[],
    })
    class App {}
    const app = await Test.createTestingModule({ imports: [App] }).compile();
    await app.init();
    apps.push(app);
    return app;
  }

  beforeAll(async () => {
    options = {
      storage: { type: 'postgres', url: await createPostgresDatabase() },
      queue: { type: 'bullmq', url: await redisUrl(), prefix: `${redisKeyPrefix()}cluster` },
      lease: '5s',
      recoveryInterval: '5s',
      logger: false,
    };
  });

  afterAll(async () => {
    for (const app of apps.reverse()) await app.close();
  });

  it('take a run that the client starts to its end', async () => {
    const client = await boot('client');
    await boot('orchestrator');
    await boot('step-worker');
    await boot('step-worker');
    const run = await client.get(WorkflowClient).start(Sum, [1]);
    expect(await run.result({ timeout: '15s' })).toBe(4 + 3 + 10_000);
    expect(places).toEqual(Array(6).fill('cluster-sum a tenant'));
    const events = (await run.events()).map(({ type }) => type);
    expect(events.filter((type) => type === 'step.completed')).toHaveLength(7);
    expect(events).not.toContain('step.lost');
  }, 30_000);

  it('need a queue between them, and a storage that they share', async () => {
    await expect(boot('orchestrator', { queue: { type: 'in-process' } })).rejects.toThrow(
      "role 'orchestrator' needs a queue between processes",
    );
    await expect(boot('step-worker', { storage: { type: 'memory' } })).rejects.toThrow(
      "role 'step-worker' needs a store that several processes share",
    );
    await expect(boot('all', { queue: { type: 'bulmq' } as never })).rejects.toThrow('Did you mean "bullmq"?');
    await expect(boot('all', { queue: { type: 'bullmq', url: 'http://x' } })).rejects.toThrow('the URL of a Redis');
  });
});
