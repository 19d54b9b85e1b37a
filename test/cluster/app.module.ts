import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Module } from '@nestjs/common';
import { getCurrentContext, PyWorkflowModule, Step, type StepContext, Workflow } from '../../src/index.js';

/** Each step says which process it ran in. */
@Injectable()
export class Steps {
  @Step() async quick(): Promise<number> {
    return process.pid;
  }

  /** In the first attempt it takes forever, or goes on until its process is told to stop, and for a moment longer. */
  @Step() async slow(until: 'forever' | 'sigterm'): Promise<number> {
    const { attempt, signal } = getCurrentContext() as StepContext;
    if (attempt === 1) {
      const stopped = until === 'sigterm' ? once(process, 'SIGTERM') : once(signal, 'abort');
      process.stdout.write('slow\n');
      await stopped;
      signal.throwIfAborted();
      await pause(100);
    }
    return process.pid;
  }
}

@Workflow({ name: 'three' })
export class ThreeSteps {
  constructor(private readonly steps: Steps) {}

  async run(): Promise<readonly number[]> {
    return [await this.steps.quick(), await this.steps.quick(), await this.steps.quick()];
  }
}

@Workflow({ name: 'slow' })
export class SlowStep {
  constructor(private readonly steps: Steps) {}

  async run(until: 'forever' | 'sigterm'): Promise<readonly number[]> {
    return [await this.steps.quick(), await this.steps.slow(until), await this.steps.quick()];
  }
}

/** What all processes load: the environment says what each of them does. */
@Module({ imports: [PyWorkflowModule.forRoot()], providers: [Steps, ThreeSteps, SlowStep] })
export class AppModule {}
