import { Injectable, Module, type Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import {
  createHook,
  getCurrentContext,
  PyWorkflowModule,
  type PyWorkflowOptions,
  type StepContext,
  Step,
  type StorageOptions,
  Workflow,
  WorkflowClient,
} from '../src/index.js';
import { Clock } from '../libs/core/index.js';
import { VirtualClock } from '../libs/testing/index.js';
import { WORKFLOW_ENTITIES } from '../libs/typeorm/index.js';
import { createPostgresDatabase, redisKeyPrefix, redisUrl } from './services/index.js';

const signals = new Map<string, AbortSignal>();

@Injectable()
class Steps {
  @Step() async add(n: number): Promise<number> {
    return n + 1;
  }

  /** Runs until it is told to stop. */
  @Step() async hold(): Promise<void> {
    const { runId, signal } = getCurrentContext() as StepContext;
    signals.set(runId, signal);
    await new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(new Error('told to stop'))));
  }
}

@Workflow({ name: 'add-three' })
class AddThree {
  constructor(private readonly steps: Steps) {}

  async run(n: number): Promise<number> {
    for (let i = 0; i < 3; i++) n = await this.steps.add(n);
    return n;
  }
}

@Workflow({ name: 'ask' })
class Ask {
  async run(token: string): Promise<string> {
    return createHook<string>({ token });
  }
}

@Workflow({ name: 'hold' })
class Hold {
  constructor(private readonly steps: Steps) {}

  async run(): Promise<void> {
    await this.steps.hold();
  }
}

const apps: TestingModule[] = [];
const dataSources: DataSource[] = [];

afterEach(async () => {
  for (const app of apps.splice(0).reverse()) await close(app);
  for (const dataSource of dataSources.splice(0)) await dataSource.destroy();
  signals.clear();
});

/** One of several equal processes. Its clock stands still: no sweep, no lease that expires, no second look. */
async function boot(storage: StorageOptions, more: Partial<PyWorkflowOptions> = {}): Promise<TestingModule> {
  @Module({
    imports: [PyWorkflowModule.forRoot({ storage, logger: false, ...more })],
    providers: [Steps, AddThree, Ask, Hold] as Type[],
  })
  class App {}
  const app = await Test.createTestingModule({ imports: [App] })
    .overrideProvider(Clock)
    .useValue(new VirtualClock(Date.now()))
    .compile();
  await app.init();
  apps.push(app);
  return app;
}

/** Stops a process, for which alone time goes on: steps have their grace. */
async function close(app: TestingModule): Promise<void> {
  const clock = app.get<VirtualClock>(Clock);
  let isClosed = false;
  const closing = app.close().finally(() => (isClosed = true));
  await until(() => {
    if (!isClosed && clock.nextAt !== undefined) clock.runNext();
    return isClosed;
  });
  await closing;
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 15_000; !(await isSo());) {
    if (Date.now() > deadline) throw new Error(`It did not come in time: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const clientOf = (app: TestingModule): WorkflowClient => app.get(WorkflowClient);

/** What one more process on the same storage is given. */
type ForProcess = () => StorageOptions | Promise<StorageOptions>;

let prefixes = 0;

/** Make a storage that is empty. */
const STORAGES: Readonly<Record<string, () => Promise<ForProcess>>> = {
  'PostgreSQL alone, with a DataSource of its own': async () => {
    const url = await createPostgresDatabase();
    return () => ({ type: 'postgres', url });
  },
  'PostgreSQL alone, with two connections and a schema': async () => {
    const url = await createPostgresDatabase();
    return () => ({ type: 'postgres', url, schema: 'Über "uns"', poolSize: 2 });
  },
  'PostgreSQL alone, with the DataSource of the application': async () => {
    const url = await createPostgresDatabase();
    return async () => {
      const dataSource = new DataSource({ type: 'postgres', url, entities: WORKFLOW_ENTITIES, poolSize: 2 });
      dataSources.push(await dataSource.initialize());
      return { type: 'typeorm', dataSource };
    };
  },
  'Redis alone': async () => {
    const url = await redisUrl();
    const keyPrefix = `${redisKeyPrefix()}{${(prefixes += 1)}}:`;
    return () => ({ type: 'redis', url, keyPrefix });
  },
};

describe.each(Object.entries(STORAGES))('equal processes on %s,', (_, makeStorage) => {
  let a: WorkflowClient;
  let b: WorkflowClient;
  let forProcess: ForProcess;

  beforeEach(async () => {
    forProcess = await makeStorage();
    [a, b] = [clientOf(await boot(await forProcess())), clientOf(await boot(await forProcess()))];
  });

  it('wake each other with a hook, and give each other the results', async () => {
    await a.start(Ask, ['the-token'], { runId: 'run' });
    const result = b.getHandle<string>('run').result();
    await b.resumeHook('the-token', 'yes');
    expect(await result).toBe('yes');
  });

  it('stop a step that another one runs', async () => {
    await a.start(Hold, [], { runId: 'run' });
    await until(() => signals.has('run'));
    await b.getHandle('run').cancel({ wait: '1h' });
    expect(signals.get('run')?.aborted).toBe(true);
    expect((await b.getRun('run')).status).toBe('cancelled');
  });

  it('take the runs that a client starts', async () => {
    const client = clientOf(await boot(await forProcess(), { role: 'client' }));
    const runs = await Promise.all(Array.from({ length: 20 }, (_each, n) => client.start(AddThree, [n])));
    expect(await Promise.all(runs.map((run) => run.result()))).toEqual(Array.from({ length: 20 }, (_each, n) => n + 3));
  });
});

describe('equal processes on PostgreSQL alone', () => {
  const COUNT = 200;
  let storage: StorageOptions;

  beforeEach(async () => {
    storage = { type: 'postgres', url: await createPostgresDatabase() };
  });

  it('give two hundred handles their results', async () => {
    const [a, b] = [clientOf(await boot(storage)), clientOf(await boot(storage))];
    const ids = Array.from({ length: COUNT }, (_, n) => `run-${n}`);
    await Promise.all(ids.map((id) => a.start(Ask, [`token-${id}`], { runId: id })));
    const results = ids.map((id) => b.getHandle<string>(id).result());
    await Promise.all(ids.map((id) => a.resumeHook(`token-${id}`, id)));
    expect(await Promise.all(results)).toEqual(ids);
  });

  it('go on at once with what a stopping one hands over', async () => {
    const [a, b] = [await boot(storage), await boot(storage)];
    const ids = Array.from({ length: 50 }, (_, n) => `run-${n}`);
    await Promise.all(ids.map((runId) => clientOf(a).start(Hold, [], { runId })));
    await until(() => signals.size === ids.length);
    signals.clear();
    apps.splice(apps.indexOf(a), 1);
    await close(a);
    await until(() => signals.size === ids.length);
    await Promise.all(ids.map((runId) => clientOf(b).getHandle(runId).cancel({ wait: '1h' })));
  });
});
