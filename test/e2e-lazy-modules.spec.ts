import { Injectable, Module, type Provider } from '@nestjs/common';
import { LazyModuleLoader, NestFactory } from '@nestjs/core';
import {
  PyWorkflowConfigError,
  PyWorkflowModule,
  type PyWorkflowOptions,
  sleep,
  Step,
  Workflow,
  WorkflowClient,
} from 'nestjs-pyworkflow';
import { until } from './processes/support/until.js';
import { closeLater, storageOf, temporaryDatabase, untilEvent, untilStatus } from './e2e-app.spec-helpers.js';

let failures = 0;

@Injectable()
class Mail {
  @Step({ queue: 'mail' }) async send(): Promise<string> {
    if (failures-- > 0) throw new Error('not yet');
    return 'sent';
  }
}

@Workflow({ name: 'reminder' })
class Reminder {
  constructor(private readonly mail: Mail) {}
  async run(): Promise<string> {
    await sleep('20ms');
    return this.mail.send();
  }
}

@Module({ providers: [Mail, Reminder] })
class ReminderModule {}

/** Its lines are what it has logged. */
async function application(
  options: PyWorkflowOptions,
  imports: (typeof ReminderModule)[] = [],
  providers: Provider[] = [],
) {
  const lines: string[] = [];
  const write = (line: unknown): void => void lines.push(JSON.stringify(line));
  const logger = { log: write, warn: write, error: write };
  @Module({ imports: [PyWorkflowModule.forRoot({ logger, ...options }), ...imports], providers })
  class AppModule {}
  const app = closeLater(await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false }));
  return { app, lines, client: app.get(WorkflowClient) };
}

beforeEach(() => (failures = 0));

describe('a run whose workflow is in a module that is loaded later', () => {
  it('goes on after a restart as soon as that is loaded, with a step queue that is new', async () => {
    const storage = { type: 'sqlite', path: temporaryDatabase() } as const;
    failures = 1;
    const before = await application({ storage }, [ReminderModule]);
    const { runId } = await before.client.start(Reminder, []);
    await untilEvent(before.client, runId, 'step.retrying');
    await before.app.close();

    const after = await application({ storage, recoveryInterval: '1h' });
    const isHandedBack = (): boolean => after.lines.some((line) => line.includes('is registered in this process'));
    await until(isHandedBack, () => 'the run was not handed back');
    await after.app.get(LazyModuleLoader).load(() => ReminderModule);
    expect(await after.client.getHandle(runId).result()).toBe('sent');
  });

  it('goes on in the process that loads it, of two on one database', async () => {
    const storage = await storageOf('postgres');
    const owner = await application({ storage }, [ReminderModule]);
    const { runId } = await owner.client.start(Reminder, []);
    await owner.app.close();
    const [first, second] = [await application({ storage }), await application({ storage })];
    await Promise.all([first, second].map(({ app }) => app.get(LazyModuleLoader).load(() => ReminderModule)));
    await untilStatus(first.client, runId, 'completed');
    expect(await second.client.getHandle(runId).result()).toBe('sent');
  });

  it('rejects the load with what is wrong about it', async () => {
    @Workflow({ name: '' })
    class Nameless {
      async run(): Promise<void> {}
    }
    @Module({ providers: [Nameless] })
    class BrokenModule {}
    const { app } = await application({ storage: { type: 'memory' } });
    await expect(app.get(LazyModuleLoader).load(() => BrokenModule)).rejects.toThrow(PyWorkflowConfigError);
  });
});
