import { Injectable } from '@nestjs/common';
import { createHook, sleep, Step, Workflow } from 'nestjs-pyworkflow';
import { Probe } from './probe.js';

@Injectable()
export class NumberSteps {
  constructor(private readonly probe: Probe) {}

  @Step({ name: 'add' })
  async add(value: number): Promise<number> {
    return this.probe.step(value);
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

/** Any number of steps, side by side. */
@Workflow({ name: 'fan-out' })
export class FanOut {
  constructor(private readonly steps: NumberSteps) {}

  async run(width: number): Promise<number> {
    const values = await Promise.all(Array.from({ length: width }, (_, index) => this.steps.add(index)));
    return values.reduce((sum, value) => sum + value, 0);
  }
}

/** One durable sleep. */
@Workflow({ name: 'sleeper' })
export class Sleeper {
  constructor(private readonly probe: Probe) {}

  async run(index: number, ms: number): Promise<number> {
    this.probe.sleeps(index, ms);
    await sleep({ seconds: ms / 1_000 });
    this.probe.wakes(index);
    return index;
  }
}

/** Waits for one payload from outside, and returns it. */
@Workflow({ name: 'waiter' })
export class Waiter {
  constructor(private readonly probe: Probe) {}

  async run(token: string): Promise<number> {
    this.probe.waits(token);
    return createHook<number>({ token });
  }
}

/** Makes a history of any length, then takes payloads from outside until one of them is negative. */
@Workflow({ name: 'long-history' })
export class LongHistory {
  constructor(
    private readonly steps: NumberSteps,
    private readonly probe: Probe,
  ) {}

  async run(count: number, token: string): Promise<number> {
    let value = 0;
    while (value < count) value = await this.steps.add(value);
    const payloads = createHook<number>({ token, multiple: true });
    this.probe.waits(token);
    for await (const payload of payloads) {
      this.probe.waits(token);
      if (payload < 0) break;
    }
    return value;
  }
}

export const BENCH_PROVIDERS = [NumberSteps, ThreeSteps, SequentialSteps, FanOut, Sleeper, Waiter, LongHistory];
