import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Module } from '@nestjs/common';
import { getCurrentContext, PyWorkflowModule, Step, type StepContext, Workflow } from '../../src/index.js';

/** Each step says which process it ran in. */
@Injectable()
export class Steps {
  @Step() async quick(): Promise<number> {
    return process.pid;
  }

  /** Takes its time in the first attempt only. */
  @Step() async slow(ms: number): Promise<number> {
    const { attempt, signal } = getCurrentContext() as StepContext;
    if (attempt === 1) {
      process.stdout.write('slow\n');
      await pause(ms, undefined, { signal });
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

  async run(ms: number): Promise<readonly number[]> {
    return [await this.steps.quick(), await this.steps.slow(ms), await this.steps.quick()];
  }
}

/** What all processes load: the environment says what each of them does. */
@Module({ imports: [PyWorkflowModule.forRoot()], providers: [Steps, ThreeSteps, SlowStep] })
export class AppModule {}
