import { existsSync } from 'node:fs';
import {
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnModuleInit,
  type Provider,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  NotRunningError,
  PyWorkflowConfigError,
  PyWorkflowModule,
  type PyWorkflowOptions,
  sleep,
  Step,
  Workflow,
  WorkflowClient,
  WorkflowHandle,
  WorkflowStore,
} from 'nestjs-pyworkflow';
import { safeLibsql, TypeOrmStore, WORKFLOW_ENTITIES, WorkflowRunEntity } from 'nestjs-pyworkflow/typeorm';
import { DataSource } from 'typeorm';
import {
  closeLater,
  eventually,
  storageOf,
  temporaryDatabase,
  untilEvent,
  untilStatus,
} from './e2e-app.spec-helpers.js';

let release: () => void = () => {};
const attempts: number[] = [];
beforeEach(() => attempts.splice(0));

@Injectable()
class Steps {
  @Step() async hello(name: string): Promise<string> {
    return `hello ${name}`;
  }
  @Step() async held(): Promise<string> {
    attempts.push(attempts.length + 1);
    await new Promise<void>((resolve) => (release = resolve));
    return 'released';
  }
}

@Workflow({ name: 'greet' })
class Greet {
  constructor(private readonly steps: Steps) {}
  async run(name: string): Promise<string> {
    return this.steps.hello(name);
  }
}

@Workflow({ name: 'long' })
class Long {
  constructor(private readonly steps: Steps) {}
  async run(): Promise<string> {
    const first = await this.steps.hello('first');
    await sleep('2ms');
    return `${first}, ${await this.steps.held()}`;
  }
}

@Workflow({ name: 'sleepy' })
class Sleepy {
  async run(): Promise<void> {
    await sleep('30d');
  }
}

function moduleWith(options: PyWorkflowOptions, providers: Provider[] = []) {
  @Module({
    imports: [PyWorkflowModule.forRoot({ logger: false, ...options })],
    providers: [Steps, Greet, Long, ...providers],
  })
  class AppModule {}
  return AppModule;
}

async function application(options: PyWorkflowOptions, providers: Provider[] = []) {
  const app = await NestFactory.createApplicationContext(moduleWith(options, providers), {
    logger: false,
    abortOnError: false,
  });
  return closeLater(app);
}

const memory = { storage: { type: 'memory' } } as const;

describe('the application', () => {
  it('goes on with its runs after a restart', async () => {
    const storage = { type: 'sqlite', path: temporaryDatabase() } as const;
    const before = await application({ storage, shutdownGrace: '1ms' });
    const run = await before.get(WorkflowClient).start(Long, []);
    await eventually(() => attempts.length === 1, 'the first attempt');
    await before.close();
    expect(existsSync(storage.path)).toBe(true);

    const after = await application({ storage });
    await eventually(() => attempts.length === 2, 'the second attempt');
    release();
    const handle = after.get(WorkflowClient).getHandle<string>(run.runId);
    expect(await handle.result()).toBe('hello first, released');
    const types = (await handle.events()).map(({ type, id }) => `${type} ${id}`);
    expect(types.filter((it) => it.startsWith('step.scheduled'))).toEqual([
      'step.scheduled Steps.hello#1',
      'step.scheduled Steps.held#1',
    ]);
  });

  it('tells those who wait for results when it is closed', async () => {
    const app = await application(memory, [Sleepy]);
    const run = await app.get(WorkflowClient).start(Sleepy, []);
    const waiting = Promise.allSettled([run.result(), run.result({ timeout: '1h' })]);
    await app.close();
    const reason = expect.any(NotRunningError) as unknown;
    expect(await waiting).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ]);
  });

  it('waits for its steps when it is closed, and can be closed twice', async () => {
    const app = await application(memory);
    const client = app.get(WorkflowClient);
    const run = await client.start(Long, []);
    await eventually(() => attempts.length === 1, 'the attempt');
    const closing = app.close();
    const isRefused = () =>
      client.start(Greet, ['late']).then(
        () => false,
        (error: unknown) => error instanceof NotRunningError,
      );
    await eventually(isRefused, 'the refusal');
    release();
    await closing;
    await app.close();
    for (const use of [
      () => client.start(Greet, ['late']),
      () => client.getRun(run.runId),
      () => client.listRuns(),
      () => run.result(),
    ]) {
      await expect(use()).rejects.toThrow('The application has been closed');
    }
  });

  it('hands over a run whose code hangs, when it is closed and when it is opened again', async () => {
    @Workflow({ name: 'hangs' })
    class Hangs {
      async run(): Promise<void> {
        await new Promise(() => {});
      }
    }
    const storage = { type: 'sqlite', path: temporaryDatabase() } as const;
    const before = await application({ storage }, [Hangs]);
    const { runId } = await before.get(WorkflowClient).start(Hangs, []);
    await before.get(WorkflowClient).cancel(runId);
    await untilEvent(before.get(WorkflowClient), runId, 'workflow.cancel_requested');
    await before.close();
    const after = await application({ storage }, [Hangs]);
    const { status, eventCount } = await after.get(WorkflowClient).getRun(runId);
    expect([status, eventCount]).toEqual(['running', 2]);
    await after.close();
  });

  it('tells those who come too early', async () => {
    const module = await Test.createTestingModule({
      imports: [PyWorkflowModule.forRoot({ ...memory, logger: false })],
      providers: [Steps, Greet],
    }).compile();
    const client = module.get(WorkflowClient);
    await expect(client.start(Greet, ['early'])).rejects.toThrow('before the application was initialised');
    await module.init();
    expect(await (await client.start(Greet, ['now'])).result()).toBe('hello now');
    await module.close();
  });

  it('takes runs while it is starting, and runs them once it has started', async () => {
    const seen: string[] = [];
    @Injectable()
    class AtBoot implements OnModuleInit, OnApplicationBootstrap {
      handles: WorkflowHandle<string>[] = [];
      constructor(private readonly client: WorkflowClient) {}
      async onModuleInit(): Promise<void> {
        this.handles.push(await this.client.start(Greet, ['init']));
        seen.push(await this.handles[0]!.status());
      }
      async onApplicationBootstrap(): Promise<void> {
        this.handles.push(await this.client.start(Greet, ['bootstrap']));
      }
    }
    const app = await application(memory, [AtBoot]);
    const results = await Promise.all(app.get(AtBoot).handles.map((handle) => handle.result()));
    expect(results).toEqual(['hello init', 'hello bootstrap']);
    expect(seen).toEqual(['pending']);
  });

  it('stops on a signal when shutdown hooks are enabled', async () => {
    const app = await application(memory);
    app.enableShutdownHooks(['SIGUSR2']);
    const client = app.get(WorkflowClient);
    const kill = jest.spyOn(process, 'kill').mockReturnValue(true); // Nest ends the process by its own signal at last
    process.emit('SIGUSR2');
    await eventually(() => kill.mock.calls.length > 0, 'the end');
    kill.mockRestore();
    await expect(client.listRuns()).rejects.toThrow(NotRunningError);
  });

  it('does not start with wrong options, and says all that is wrong', async () => {
    const boot = application({ storage: { type: 'mongo' }, stepConcurency: 2 } as never);
    await expect(boot).rejects.toThrow(PyWorkflowConfigError);
    await expect(boot).rejects.toThrow(/2 reasons[^]*stepConcurrency[^]*storage must be/);
  });

  it('serves one SQLite file alone', async () => {
    const storage = { type: 'sqlite', path: temporaryDatabase() } as const;
    const first = await application({ storage });
    await expect(application({ storage })).rejects.toThrow(/is in use by another process/);
    await first.close();
    const second = await application({ storage });
    expect(await (await second.get(WorkflowClient).start(Greet, ['again'])).result()).toBe('hello again');
  });
});

describe('several processes on one PostgreSQL', () => {
  it('share the work: one starts runs, another runs them and takes over when it is closed', async () => {
    const storage = await storageOf('postgres');
    const quick = { storage, recoveryInterval: '100ms', lease: '1s' } as const;
    const client = (await application({ ...quick, role: 'client' })).get(WorkflowClient);
    const run = await client.start(Greet, ['you']);
    expect(await run.status()).toBe('pending');
    const first = await application(quick);
    await untilStatus(client, run.runId, 'completed');
    expect(await run.result()).toBe('hello you');

    const long = await client.start(Long, []);
    await eventually(() => attempts.length === 1, 'the first attempt');
    const second = await application(quick);
    const closing = first.close();
    release();
    await closing;
    await untilStatus(client, long.runId, 'completed');
    expect(await second.get(WorkflowClient).getHandle(long.runId).result()).toBe('hello first, released');
  });
});

describe('the options', () => {
  it('can come from a factory, a class or a provider, and the module need not be global', async () => {
    @Injectable()
    class Settings {
      createPyWorkflowOptions(): PyWorkflowOptions {
        return { ...memory, logger: false };
      }
    }
    @Module({ providers: [Settings], exports: [Settings] })
    class SettingsModule {}
    const imports = [SettingsModule];
    const ways = [
      PyWorkflowModule.forRootAsync({
        imports,
        inject: [Settings],
        useFactory: async (settings: Settings) => settings.createPyWorkflowOptions(),
      }),
      PyWorkflowModule.forRootAsync({ useClass: Settings }),
      PyWorkflowModule.forRootAsync({ imports, useExisting: Settings }),
      PyWorkflowModule.forRoot({ ...memory, logger: false, isGlobal: false }),
    ];
    for (const way of ways) {
      @Module({ imports: [way], providers: [Steps, Greet] })
      class AppModule {}
      const app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
      expect(await (await app.get(WorkflowClient).start(Greet, ['you'])).result()).toBe('hello you');
      await app.close();
    }
  });

  it('are refused when the factory gives none', async () => {
    @Module({ imports: [PyWorkflowModule.forRootAsync({ useFactory: () => undefined as never })] })
    class AppModule {}
    await expect(
      NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false }),
    ).rejects.toThrow('PyWorkflowModule.forRoot() must be an object with options; it is undefined.');
  });

  it('can name a store of your own, as instance, class or provider', async () => {
    const path = temporaryDatabase();
    class OwnStore extends TypeOrmStore {
      constructor() {
        super({ type: 'sqlite', path });
      }
    }
    @Injectable()
    class NeedsSettings extends OwnStore {
      @Inject('settings') readonly settings!: string;
    }
    @Module({
      providers: [
        { provide: 'STORE', useFactory: () => new OwnStore() },
        { provide: 'settings', useValue: 's' },
      ],
      exports: ['STORE', 'settings'],
    })
    class StoreModule {}
    for (const storage of [new OwnStore(), OwnStore, { type: 'provider', token: 'STORE' } as const]) {
      @Module({
        imports: [StoreModule, PyWorkflowModule.forRoot({ storage, logger: false })],
        providers: [Steps, Greet],
      })
      class AppModule {}
      const app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
      expect(app.get(WorkflowStore)).toBeInstanceOf(OwnStore);
      expect(await (await app.get(WorkflowClient).start(Greet, ['you'])).result()).toBe('hello you');
      await app.close();
    }
    void NeedsSettings;
    const wrong = PyWorkflowModule.forRoot({ storage: { type: 'provider', token: 'settings' }, logger: false });
    @Module({ imports: [StoreModule, wrong] })
    class WrongModule {}
    await expect(
      NestFactory.createApplicationContext(WrongModule, { logger: false, abortOnError: false }),
    ).rejects.toThrow('the provider that storage names is "s", and not a WorkflowStore.');
  });

  it('are warned about when they name a queue that no step uses', async () => {
    const warn = jest.fn();
    await application({
      ...memory,
      queues: { mial: { concurrency: 1 }, smss: { rateLimit: { max: 1, per: '1s' } } },
      logger: { log: () => {}, error: () => {}, warn },
    });
    expect(warn.mock.calls).toEqual([
      ['queue "mial" is configured, and no step names it.'],
      ['queue "smss" is configured, and no step names it.'],
    ]);
  });

  it('can share the DataSource of the application', async () => {
    const dataSource = new DataSource({
      type: 'better-sqlite3',
      driver: safeLibsql((await import('libsql')).default as never),
      database: ':memory:',
      entities: [...WORKFLOW_ENTITIES],
    });
    await dataSource.initialize();
    const app = await application({ storage: { type: 'typeorm', dataSource } });
    expect(await (await app.get(WorkflowClient).start(Greet, ['you'])).result()).toBe('hello you');
    expect(await dataSource.getRepository(WorkflowRunEntity).count()).toBe(1);
    await app.close();
    expect(dataSource.isInitialized).toBe(true);
    await dataSource.destroy();
  });

  it('can be left to the environment', async () => {
    process.env['PYWORKFLOW_STORAGE'] = 'memory';
    process.env['PYWORKFLOW_STEP_CONCURRENCY'] = 'few';
    try {
      await expect(application({})).rejects.toThrow(
        'The environment variable PYWORKFLOW_STEP_CONCURRENCY must be a whole number from 1; it is "few".',
      );
      process.env['PYWORKFLOW_STEP_CONCURRENCY'] = '2';
      const app = await application({});
      expect(await (await app.get(WorkflowClient).start(Greet, ['you'])).result()).toBe('hello you');
    } finally {
      delete process.env['PYWORKFLOW_STORAGE'];
      delete process.env['PYWORKFLOW_STEP_CONCURRENCY'];
    }
  });
});

it('registers workflows and steps by forFeature as well', async () => {
  @Module({ imports: [PyWorkflowModule.forFeature([Steps, Greet])] })
  class FeatureModule {}
  @Module({ imports: [PyWorkflowModule.forRoot({ ...memory, logger: false }), FeatureModule] })
  class AppModule {}
  const app = closeLater(await NestFactory.createApplicationContext(AppModule, { logger: false }));
  const client = app.get(WorkflowClient);
  const run = await client.start(Greet, ['you']);
  await untilEvent(client, run.runId, 'workflow.completed');
});
