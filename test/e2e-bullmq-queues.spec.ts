import {
  BullModule,
  getSharedConfigToken,
  InjectQueue,
  OnQueueEvent,
  QueueEventsHost,
  QueueEventsListener,
} from '@nestjs/bullmq';
import { Injectable, Module, type ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import type { Queue, QueueOptions } from 'bullmq';
import { BullMqQueuesModule } from '../libs/bullmq/index.js';
import { PyWorkflowModule, type PyWorkflowOptions, Step, Workflow, WorkflowClient } from '../src/index.js';
import { createPostgresDatabase, PrivateRedis, redisKeyPrefix, redisUrl } from './services/index.js';

@Injectable()
class Steps {
  @Step() async plain(): Promise<string> {
    return 'plain';
  }

  @Step({ queue: 'emails' }) async mail(): Promise<string> {
    return 'mailed';
  }
}

@Workflow({ name: 'queues' })
class Mailing {
  constructor(private readonly steps: Steps) {}

  run(): Promise<readonly string[]> {
    return Promise.all([this.steps.plain(), this.steps.mail()]);
  }
}

/** What a dashboard does. */
@Injectable()
class Watch {
  constructor(
    @InjectQueue('workflows') private readonly workflows: Queue,
    @InjectQueue('steps') private readonly steps: Queue,
    @InjectQueue('steps-emails') private readonly emails: Queue,
    @InjectQueue('own') readonly own: Queue,
  ) {}

  async waiting(): Promise<readonly (number | undefined)[]> {
    const queues = [this.workflows, this.steps, this.emails];
    return Promise.all(queues.map(async (queue) => (await queue.getJobCounts('wait'))['wait']));
  }

  get all(): readonly Queue[] {
    return [this.workflows, this.steps, this.emails, this.own];
  }
}

@QueueEventsListener('steps')
class Listener extends QueueEventsHost {
  readonly added: string[] = [];

  @OnQueueEvent('added')
  onAdded({ name }: { name: string }): void {
    this.added.push(name);
  }
}

let apps: TestingModule[] = [];

async function boot(metadata: ModuleMetadata): Promise<TestingModule> {
  @Module({ ...metadata, providers: [Steps, Mailing, ...(metadata.providers ?? [])] })
  class App {}
  const app = await Test.createTestingModule({ imports: [App] }).compile();
  apps.push(app);
  return app.init();
}

afterEach(async () => {
  for (const app of apps.reverse()) await app.close();
  apps = [];
});

/** An application that uses BullMQ itself, and its connection for workflows. */
async function given(connection: QueueOptions['connection'], prefix: string) {
  const storage = { type: 'postgres', url: await createPostgresDatabase() } as const;
  return (role: PyWorkflowOptions['role']) => [
    BullModule.forRoot({ connection, prefix: `${prefix}own` }),
    PyWorkflowModule.forRootAsync({
      inject: [getSharedConfigToken()],
      useFactory: (shared: QueueOptions): PyWorkflowOptions => ({
        storage,
        queue: { type: 'bullmq', connection: shared.connection, prefix },
        role,
        logger: false,
      }),
    }),
  ];
}

const own = BullModule.registerQueue({ name: 'own' });
const queues = BullMqQueuesModule.register({ stepQueues: ['emails'] });

describe('an application that imports BullMqQueuesModule', () => {
  it('is given the queues of workflows, on the connection of its own', async () => {
    const prefix = `${redisKeyPrefix()}queues`;
    const imports = await given({ url: await redisUrl() }, prefix);
    const app = await boot({ imports: [...imports('client'), own, queues], providers: [Watch] });
    const watch = app.get(Watch);
    const run = await app.get(WorkflowClient).start(Mailing, []);
    expect(await watch.waiting()).toEqual([1, 0, 0]);
    expect(watch.all.map(({ opts }) => opts.prefix)).toEqual([prefix, prefix, prefix, `${prefix}own`]);

    await boot({ imports: imports('orchestrator') });
    await until(async () => (await watch.waiting()).join() === '0,1,1');
    await boot({ imports: imports('step-worker') });
    expect(await run.result({ timeout: '15s' })).toEqual(['plain', 'mailed']);
    expect(await watch.waiting()).toEqual([0, 0, 0]);
  }, 60_000);

  it('hears what happens in them', async () => {
    const imports = await given({ url: await redisUrl() }, `${redisKeyPrefix()}events`);
    const app = await boot({ imports: [...imports('orchestrator'), queues], providers: [Listener] });
    const listener = app.get(Listener);
    await listener.queueEvents.waitUntilReady();
    await app.get(WorkflowClient).start(Mailing, []);
    await until(async () => listener.added.length > 0);
    expect(listener.added).toEqual(['Steps.plain']);
  }, 30_000);

  it('stops while Redis is down, and reports an outage where the engine does', async () => {
    const redis = await PrivateRedis.start();
    const errors = jest.spyOn(console, 'error').mockImplementation(() => {});
    try {
      const imports = await given({ url: redis.url }, `${redisKeyPrefix()}down`);
      await boot({ imports: [...imports('orchestrator'), queues] });
      await redis.stop();
      await apps.pop()!.close();
      expect(errors).not.toHaveBeenCalled();
    } finally {
      errors.mockRestore();
      await redis.stop();
    }
  }, 30_000);

  it('is told so when its workflows have another queue', async () => {
    const imports = [PyWorkflowModule.forRoot({ storage: { type: 'memory' }, logger: false }), queues];
    await expect(boot({ imports })).rejects.toThrow("whose queue is not of type 'bullmq'");
  });
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 15_000; !(await isSo());) {
    if (Date.now() > deadline) throw new Error('It did not come in time.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
