import { createHook, HookExpiredError, parallel, race, sleep, Workflow } from 'nestjs-pyworkflow';
import { ChaosSteps, NovelSteps } from './chaos.steps.js';
import { range } from './expected.js';
import { APPROVAL_TIMEOUT_MS, type Job, PAYLOADS, pauseMsOf, RACE_MS, sizeOf, tokenOf } from './job.js';

@Workflow({ name: 'sequence' })
export class SequenceWorkflow {
  constructor(private readonly steps: ChaosSteps) {}

  async run(job: Job): Promise<number> {
    let value = job.n;
    for (const index of range(sizeOf(job))) {
      value = await this.steps.add(value, index);
      if (index === job.n % 3) await sleep(`${pauseMsOf(job)}ms`);
    }
    return this.steps.flaky(value, job.n % 3);
  }
}

@Workflow({ name: 'fan-out' })
export class FanOutWorkflow {
  constructor(private readonly steps: ChaosSteps) {}

  async run(job: Job): Promise<number> {
    const parts = await parallel(range(sizeOf(job)), (index) => this.steps.add(job.n, index), { concurrency: 3 });
    return parts.reduce((sum, part) => sum + part, 0);
  }
}

/** Waits for an approval or until it expires, whichever the store takes first. */
@Workflow({ name: 'approval' })
export class ApprovalWorkflow {
  constructor(private readonly steps: ChaosSteps) {}

  async run(job: Job): Promise<readonly unknown[]> {
    const approval = createHook<number>({ token: tokenOf(job), timeout: `${APPROVAL_TIMEOUT_MS}ms` });
    await this.steps.add(job.n, 1);
    try {
      return ['approved', await approval];
    } catch (error) {
      if (error instanceof HookExpiredError) return ['expired', job.n];
      throw error;
    }
  }
}

/** Waits for an answer, beside a timer. */
@Workflow({ name: 'race' })
export class RaceWorkflow {
  constructor(private readonly steps: ChaosSteps) {}

  async run(job: Job): Promise<readonly unknown[]> {
    const answer = createHook<number>({ token: tokenOf(job) });
    const value = await race([answer, sleep(`${RACE_MS}ms`)]);
    await this.steps.add(job.n, 1);
    return value === undefined ? ['late', job.n] : ['answered', value];
  }
}

@Workflow({ name: 'collect' })
export class CollectWorkflow {
  constructor(private readonly steps: ChaosSteps) {}

  async run(job: Job): Promise<number> {
    const payloads = createHook<number>({ token: tokenOf(job), multiple: true });
    let sum = 0;
    let received = 0;
    for await (const payload of payloads) {
      sum += payload;
      await this.steps.add(payload, received);
      received += 1;
      if (received === PAYLOADS) break;
    }
    return sum;
  }
}

/** A helper of it rejects long before anybody waits for that. */
@Workflow({ name: 'early-rejection' })
export class EarlyRejectionWorkflow {
  constructor(private readonly steps: ChaosSteps) {}

  async run(job: Job): Promise<readonly unknown[]> {
    const helper = this.help(job);
    await sleep(`${pauseMsOf(job)}ms`);
    const value = await this.steps.add(job.n, 7);
    try {
      await helper;
    } catch (error) {
      return [value, (error as Error).message];
    }
    return ['the helper did not reject'];
  }

  private async help({ n }: Job): Promise<void> {
    await this.steps.refuse(n);
  }
}

@Workflow({ name: 'long' })
export class LongWorkflow {
  constructor(private readonly steps: ChaosSteps) {}

  run({ n }: Job): Promise<number> {
    return this.steps.long(n);
  }
}

@Workflow({ name: 'deadly' })
export class DeadlyWorkflow {
  constructor(private readonly steps: ChaosSteps) {}

  run({ n }: Job): Promise<number> {
    return this.steps.deadly(n);
  }
}

/** New, as is its step. */
@Workflow({ name: 'novel' })
export class NovelWorkflow {
  constructor(private readonly steps: NovelSteps) {}

  run({ n }: Job): Promise<number> {
    return this.steps.novel(n);
  }
}
