import { Injectable } from '@nestjs/common';
import {
  createHook,
  EventLimitError,
  FatalError,
  getCurrentContext,
  NonDeterminismError,
  now,
  parallel,
  random,
  randomUUID,
  RetryableError,
  RunFailedError,
  sideEffect,
  sleep,
  Step,
  type StepContext,
  Workflow,
  WorkflowCancelledError,
  WorkflowTimeoutError,
} from 'nestjs-pyworkflow';
import { boot, STORAGES, storageOf, untilEvent, untilStatus } from './e2e-app.spec-helpers.js';

class PaymentError extends Error {
  override readonly name = 'PaymentError';
  constructor(
    message: string,
    readonly declineCode: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What the steps have seen of the run that calls them. */
const contexts: StepContext[] = [];
let failures = 0;
beforeEach(() => {
  contexts.splice(0);
  failures = 0;
});

const note = (): StepContext => {
  const context = getCurrentContext() as StepContext;
  contexts.push(context);
  return context;
};

@Injectable()
class Steps {
  @Step({ maxRetries: 4, backoff: ['1m', '1h'] }) async flaky(times: number): Promise<number> {
    note();
    if (failures++ < times) throw new Error(`failure ${failures}`);
    return failures;
  }
  @Step({ maxRetries: 5 }) async fatal(): Promise<void> {
    note();
    throw new FatalError('never again');
  }
  @Step({ maxRetries: 1 }) async patient(): Promise<string> {
    note();
    if (failures++ === 0) throw new RetryableError('busy', { retryAfter: '2h' });
    return 'at last';
  }
  @Step({ maxRetries: 5, retryIf: (error) => !(error instanceof RangeError) }) async picky(): Promise<void> {
    note();
    throw new RangeError('out of range');
  }
  @Step({ maxRetries: 0 }) async decline(): Promise<void> {
    throw new PaymentError('declined', 'card_expired', { cause: new TypeError('no card') });
  }
  @Step({ maxRetries: 0, timeout: '30s' }) async slow(): Promise<string> {
    const { signal } = note();
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  }
  @Step() async cancelled(): Promise<string> {
    const { signal } = note();
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve('too late')));
  }
  @Step({ maxRetries: 1, backoff: '1s', onExhausted: 'pause' }) async needsHelp(): Promise<string> {
    if (failures++ < 2) throw new Error('help');
    return 'helped';
  }
  @Step() async double(n: number): Promise<number> {
    note();
    return n * 2;
  }
  @Step() async speak(): Promise<void> {
    getCurrentContext().logger.info('in the step', { order: 2 });
  }
  @Step({ local: true, queue: 'mail' }) async mail(): Promise<string> {
    return note().stepName;
  }
}

/** Runs the body that a test gives it. */
let body: (steps: Steps) => Promise<unknown>;

@Workflow({ name: 'any', maxDuration: '30d' })
class AnyWorkflow {
  constructor(private readonly steps: Steps) {}
  async run(): Promise<unknown> {
    return body(this.steps);
  }
}

const providers = [AnyWorkflow, Steps];

describe.each(STORAGES)('a run, on %s', (storage) => {
  const setUp = async () =>
    boot({ providers }, { storage: await storageOf(storage), queues: { mail: { concurrency: 2 } } });
  const outcome = async (given: typeof body): Promise<unknown> => {
    body = given;
    const { client } = await setUp();
    return (await client.start(AnyWorkflow, [])).result().catch((error: RunFailedError) => error.cause);
  };

  it('tries steps again after the waits that their policy names', async () => {
    body = (steps) => steps.flaky(3);
    const { client, clock } = await setUp();
    const begun = clock.now();
    const run = await client.start(AnyWorkflow, []);
    expect(await run.result()).toBe(4);
    expect(clock.now() - begun).toBe((1 + 60 + 60) * 60_000);
    expect(contexts.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
    expect(new Set(contexts.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  });

  it('gives up after the last attempt, with the last error', async () => {
    expect(await outcome((steps) => steps.flaky(9))).toMatchObject({ message: 'failure 5' });
    expect(contexts).toHaveLength(5);
  });

  it('does not repeat what is fatal or refused by retryIf, and waits as long as it is told', async () => {
    expect(await outcome((steps) => steps.fatal())).toBeInstanceOf(FatalError);
    expect(await outcome((steps) => steps.picky())).toBeInstanceOf(RangeError);
    expect(contexts).toHaveLength(2);
    body = (steps) => steps.patient();
    const { client, clock } = await setUp();
    const begun = clock.now();
    expect(await (await client.start(AnyWorkflow, [])).result()).toBe('at last');
    expect(clock.now() - begun).toBe(2 * 3_600_000);
  });

  it('hands errors to the workflow with their type, message, cause and fields, also after a replay', async () => {
    const caught = await outcome(async (steps) => {
      const error = await steps.decline().then(
        () => new PaymentError('', ''),
        (thrown: unknown) => thrown as PaymentError,
      );
      await sleep('1d');
      return { name: error.name, message: error.message, code: error.declineCode, cause: error.cause };
    });
    expect(caught).toEqual({
      name: 'PaymentError',
      message: 'declined',
      code: 'card_expired',
      cause: new TypeError('no card'),
    });
  });

  it('ends a step at its timeout, and tells it by its signal', async () => {
    expect(await outcome((steps) => steps.slow())).toBeInstanceOf(WorkflowTimeoutError);
    expect(contexts[0]?.signal.aborted).toBe(true);
  });

  it('is timed out after its maxDuration', async () => {
    expect(await outcome(() => sleep('31d'))).toBeInstanceOf(WorkflowTimeoutError);
  });

  it('runs its catch and finally when it is cancelled, and its steps are told', async () => {
    const seen: unknown[] = [];
    body = async (steps) => {
      try {
        await steps.cancelled();
      } catch (error) {
        seen.push(error);
        throw error;
      } finally {
        seen.push(await steps.double(4));
      }
    };
    const { client } = await setUp();
    const run = await client.start(AnyWorkflow, []);
    await untilEvent(client, run.runId, 'step.scheduled');
    await run.cancel();
    await untilStatus(client, run.runId, 'cancelled');
    expect(seen).toEqual([expect.any(WorkflowCancelledError), 8]);
    expect(contexts[0]?.signal.aborted).toBe(true);
  });

  it('is paused by a step that asks for a person, and resumed by one', async () => {
    body = (steps) => steps.needsHelp();
    const { client, clock } = await setUp();
    const run = await client.start(AnyWorkflow, []);
    await clock.advance('1m');
    expect(await run.describe()).toMatchObject({
      status: 'paused',
      reason: expect.stringContaining('Steps.needsHelp#1'),
    });
    await run.resume();
    expect(await run.result()).toBe('helped');
  });

  it('knows its context everywhere below the workflow and its steps', async () => {
    body = async (steps) => {
      const helper = async () => getCurrentContext();
      const { kind, runId, workflowName, tags } = await helper();
      await steps.double(1);
      await steps.double(1);
      return { kind, runId, workflowName, tags };
    };
    const { client } = await setUp();
    const run = await client.start(AnyWorkflow, [], { tags: ['vip'] });
    const seen = { kind: 'workflow', runId: run.runId, workflowName: 'any', tags: ['vip'] };
    expect(await run.result()).toEqual(seen);
    const common = { ...seen, kind: 'step', stepName: 'Steps.double', attempt: 1, isReplaying: false };
    expect(contexts).toMatchObject([
      { ...common, stepId: 'Steps.double#1' },
      { ...common, stepId: 'Steps.double#2' },
    ]);
    expect(contexts[0]?.idempotencyKey).not.toBe(contexts[1]?.idempotencyKey);
  });

  it('combines steps and timers as JavaScript does, with the same winner on replay', async () => {
    const result = await outcome(async (steps) => {
      const all = await Promise.all([1, 2, 3].map((n) => steps.double(n)));
      const winner = await Promise.race([sleep('1h').then(() => 'timer'), steps.double(5)]);
      await sleep('1d');
      const settled = await Promise.allSettled([steps.fatal(), steps.double(7)]);
      const any = await Promise.any([steps.fatal(), steps.double(8)]);
      const lanes = await parallel([1, 2, 3, 4], (n) => steps.double(n), { concurrency: 2 });
      return { all, winner, settled: settled.map(({ status }) => status), any, lanes };
    });
    expect(result).toEqual({
      all: [2, 4, 6],
      winner: 10,
      settled: ['rejected', 'fulfilled'],
      any: 16,
      lanes: [2, 4, 6, 8],
    });
  });

  it('has the same time, chance and side effects on each replay', async () => {
    const draws: unknown[] = [];
    let effects = 0;
    body = async (steps) => {
      const drawn = {
        now: now().getTime(),
        random: random(),
        id: randomUUID(),
        effect: await sideEffect(() => (effects += 1)),
      };
      draws.push(drawn);
      await sleep('1d');
      await steps.double(1);
      return drawn;
    };
    const { client, clock } = await setUp();
    const begun = clock.now();
    const result = await (await client.start(AnyWorkflow, [])).result();
    expect(draws).toHaveLength(2); // it was released while it slept, and replayed
    expect(draws[1]).toEqual(draws[0]);
    expect(result).toEqual(draws[0]);
    expect(effects).toBe(1);
    expect(draws[0]).toMatchObject({ now: begun });
  });

  it('runs steps of named queues', async () => {
    expect(await outcome((steps) => steps.mail())).toBe('Steps.mail');
  });

  it('is blocked, not failed, by code that does not match its history, and goes on with code that does', async () => {
    let fixed = true;
    body = async (steps) => {
      if (fixed) await steps.double(1);
      await sleep('1d');
      return steps.double(2);
    };
    const { client, clock } = await setUp();
    const run = await client.start(AnyWorkflow, []);
    await clock.advance('1h');
    fixed = false;
    await clock.advance('1d');
    const blocked = await run.describe();
    expect(blocked).toMatchObject({ status: 'blocked', reason: expect.stringContaining(NonDeterminismError.name) });
    expect(blocked.reason).toContain('Steps.double#1');
    fixed = true;
    await run.resume();
    expect(await run.result()).toBe(4);
  });

  it('is blocked in tests by a changed argument', async () => {
    let argument = 1;
    body = async (steps) => {
      await steps.double(argument);
      await sleep('1d');
    };
    const { client, clock } = await setUp();
    const run = await client.start(AnyWorkflow, []);
    await clock.advance('1h');
    argument = 2;
    await clock.advance('1d');
    expect(await run.describe()).toMatchObject({
      status: 'blocked',
      reason: expect.stringContaining('other arguments'),
    });
  });
});

it('fails a run whose history grows too long, after warning about it', async () => {
  const warnings: string[] = [];
  const logger = {
    log: () => {},
    error: () => {},
    warn: (line: unknown) => warnings.push(String((line as { msg?: string }).msg ?? line)),
  };
  body = async (steps) => {
    for (let i = 0; i < 1_000; i++) await steps.double(i);
  };
  const { client } = await boot({ providers }, { eventWarning: 100, eventLimit: 300, logger });
  const run = await client.start(AnyWorkflow, []);
  await expect(run.result()).rejects.toMatchObject({ cause: expect.any(EventLimitError) });
  expect(warnings.map((line) => /holds (\d+) events/.exec(line)?.[1])).toEqual(['100', '200', '300']);
});

it('writes nothing twice to the log of a workflow that is replayed', async () => {
  const lines: unknown[] = [];
  const logger = { log: (line: unknown) => lines.push({ ...(line as object) }), warn: () => {}, error: () => {} };
  body = async (steps) => {
    const { logger: log } = getCurrentContext();
    log.info('before', { order: 1 });
    await sleep('1d');
    log.info('after');
    await steps.speak();
  };
  const { client } = await boot({ providers }, { logger });
  const run = await client.start(AnyWorkflow, []);
  await run.result();
  const fields = { runId: run.runId, workflow: 'any' };
  expect(lines).toEqual([
    { msg: 'before', order: 1, ...fields },
    { msg: 'after', ...fields },
    { msg: 'in the step', ...fields, step: 'Steps.speak', stepId: 'Steps.speak#1', attempt: 1, order: 2 },
  ]);
});

it('holds a run that waits for a hook until somebody delivers', async () => {
  body = async () => createHook<string>({ token: 'a-chosen-token' });
  const { client, clock } = await boot({ providers });
  const run = await client.start(AnyWorkflow, []);
  await clock.advance('29d');
  expect(await run.status()).toBe('suspended');
  await client.resumeHook('a-chosen-token', 'yes');
  expect(await run.result()).toBe('yes');
});
