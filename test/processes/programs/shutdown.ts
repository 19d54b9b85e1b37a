/** An application with runs in every state of waiting; it ends when it is told to, by SIGTERM. */
import { Injectable } from '@nestjs/common';
import { createHook, getCurrentContext, sleep, Step, type StepContext, Workflow } from '../../../src/index.js';
import { ledger, startApp } from '../support/nest-app.js';
import { watched } from '../support/watched.js';

@Injectable()
class Steps {
  /** Ends within the grace of a stopping process. */
  @Step()
  short(): Promise<string> {
    return watched(ledger, () => pause(400, 'short'));
  }

  /** Would last for a minute, unless its process is started with FAST. */
  @Step()
  long(): Promise<string> {
    return watched(ledger, () => pause(process.env['FAST'] ? 10 : 60_000, 'long'));
  }

  /** As `long`, and does not listen when it is told to stop. */
  @Step()
  stubborn(): Promise<string> {
    return watched(
      ledger,
      () => new Promise((resolve) => setTimeout(() => resolve('stubborn'), process.env['FAST'] ? 10 : 60_000)),
    );
  }

  @Step()
  after(): Promise<string> {
    return watched(ledger, async () => 'after');
  }
}

@Workflow({ name: 'short' })
class ShortWorkflow {
  constructor(private readonly steps: Steps) {}
  async run(): Promise<string[]> {
    return [await this.steps.short(), await this.steps.after()];
  }
}

@Workflow({ name: 'long' })
class LongWorkflow {
  constructor(private readonly steps: Steps) {}
  async run(): Promise<string[]> {
    return [await this.steps.long(), await this.steps.after()];
  }
}

@Workflow({ name: 'stubborn' })
class StubbornWorkflow {
  constructor(private readonly steps: Steps) {}
  run(): Promise<string> {
    return this.steps.stubborn();
  }
}

@Workflow({ name: 'sleeping' })
class SleepingWorkflow {
  constructor(private readonly steps: Steps) {}
  async run(): Promise<string> {
    await sleep('3s');
    return this.steps.after();
  }
}

@Workflow({ name: 'asking' })
class AskingWorkflow {
  async run(): Promise<string> {
    return createHook<string>({ token: 'shutdown-token' });
  }
}

const { client } = await startApp(
  [Steps, ShortWorkflow, LongWorkflow, StubbornWorkflow, SleepingWorkflow, AskingWorkflow],
  {
    shutdownGrace: '1s',
  },
);
const names = ['short', 'long', 'stubborn', 'sleeping', 'asking'];
for (const name of names) await client.start(name, [], { runId: name });
console.log('running');
if (process.env['FAST']) {
  await client.resumeHook('shutdown-token', 'answered');
  const results = await Promise.all(names.map((name) => client.getResult(name, { timeout: '20s' })));
  console.log('results', JSON.stringify(results));
}

/** Waits for a while, or until the engine says that nobody wants the result any more. */
function pause<T>(ms: number, value: T): Promise<T> {
  const { signal } = getCurrentContext() as StepContext;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(value), ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      ledger.write({ event: 'aborted' });
      reject(signal.reason as Error);
    });
  });
}
