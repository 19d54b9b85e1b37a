import { Injectable, Module, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PyWorkflowModule, sleep, StoreLockedError, Workflow, WorkflowClient } from 'nestjs-pyworkflow';
import { closeLater, temporaryDatabase } from './e2e-app.spec-helpers.js';

@Workflow({ name: 'nap' })
class Nap {
  async run(): Promise<string> {
    await sleep('1ms');
    return 'awake';
  }
}

/** Fails while the application starts, once the client has been used. */
function failingIn(hook: 'onModuleInit' | 'onApplicationBootstrap'): Provider {
  @Injectable()
  class Failing {
    constructor(readonly client: WorkflowClient) {}
  }
  Object.defineProperty(Failing.prototype, hook, {
    async value(this: Failing) {
      await this.client.start(Nap, [], { runId: 'begun-early' });
      throw new Error(`${hook} failed`);
    },
  });
  return Failing;
}

async function application(path: string, type: 'sqlite' | 'file', providers: Provider[] = []) {
  @Module({
    imports: [PyWorkflowModule.forRoot({ storage: { type, path }, logger: false })],
    providers: [Nap, ...providers],
  })
  class AppModule {}
  return closeLater(await NestFactory.create(AppModule, { logger: false, abortOnError: false }));
}

describe.each(['sqlite', 'file'] as const)('an application on %s whose start fails in another provider', (type) => {
  it.each(['onModuleInit', 'onApplicationBootstrap'] as const)(
    'keeps its store until it is closed, and lets it go then: in %s',
    async (hook) => {
      const path = temporaryDatabase();
      const failed = await application(path, type, [failingIn(hook)]);
      await expect(failed.init()).rejects.toThrow(`${hook} failed`);

      const tooEarly = await application(path, type);
      const refused = await tooEarly.init().catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(StoreLockedError);
      expect((refused as Error).message).toContain('until you close it with app.close(), even if its start has failed');
      await tooEarly.close();

      await failed.close();
      const next = await application(path, type);
      await next.init();
      expect(await next.get(WorkflowClient).getHandle('begun-early').result()).toBe('awake');
    },
  );
});
