import { Injectable, Module } from '@nestjs/common';
import { PyWorkflowModule, type StorageOptions, Step, Workflow } from 'nestjs-pyworkflow';

@Injectable()
export class NumberSteps {
  @Step({ name: 'add' })
  async add(value: number): Promise<number> {
    return value + 1;
  }
}

/** Three steps, one after another. */
@Workflow({ name: 'three' })
export class ThreeSteps {
  constructor(private readonly steps: NumberSteps) {}

  async run(start: number): Promise<number> {
    return this.steps.add(await this.steps.add(await this.steps.add(start)));
  }
}

/** Any number of steps, one after another. */
@Workflow({ name: 'sequential' })
export class SequentialSteps {
  constructor(private readonly steps: NumberSteps) {}

  async run(count: number): Promise<number> {
    let value = 0;
    while (value < count) value = await this.steps.add(value);
    return value;
  }
}

export function benchModule(storage: StorageOptions): object {
  @Module({
    imports: [PyWorkflowModule.forRoot({ storage, logger: false, eventWarning: 50_000 })],
    providers: [NumberSteps, ThreeSteps, SequentialSteps],
  })
  class BenchModule {}
  return BenchModule;
}
