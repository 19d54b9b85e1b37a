import { HookUsedError } from './errors.js';
import {
  cancellationScope,
  checkCancellation,
  createHook,
  getCurrentContext,
  RunCancelledError,
  RunFailedError,
  shield,
  sleep,
  type StepContext,
  timeout,
} from './index.js';
import { Code, deferred, kill, settle, type TestProcess, World } from './runtime.spec-helpers.js';

const nameOf = (promise: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(promise).then(
    (value) => value,
    (error: Error) => error.name,
  );

/** A world with one workflow that notes what its steps did. */
function setting(body: (step: (what: string) => Promise<string>) => unknown, maxDurationMs?: number) {
  const world = new World();
  const code = new Code();
  const done: string[] = [];
  const step = code.step('step', (what: string) => {
    done.push(what);
    return what;
  });
  code.workflow('w', () => body(step), maxDurationMs === undefined ? {} : { maxDurationMs });
  return { world, code, done };
}

async function start(process: TestProcess): Promise<string> {
  const { runId } = await process.startRun({ workflow: 'w', args: [] });
  await settle();
  return runId;
}

const endsOf = (history: readonly string[]): readonly string[] =>
  history.filter((event) => /^workflow\.(completed|failed|cancelled)/.test(event));

describe('a run with a shield', () => {
  it('finishes what is shielded and cancels behind it, also in a process that did not hold it', async () => {
    const { world, code, done } = setting(async (step) => {
      const charge = await shield(async () => {
        await sleep('1m');
        return step('charge');
      });
      try {
        await step('ship');
      } catch (error) {
        await step(`refund ${charge}`);
        throw error;
      }
    });
    const first = await world.boot(code);
    const runId = await start(first);
    await first.cancel(runId);
    await settle();
    kill(first);
    const second = await world.boot(code);
    await world.advance(2 * 60_000);
    await expect(second.result(runId)).rejects.toThrow(RunCancelledError);
    expect(done).toEqual(['charge', 'refund charge']);
    expect(await world.history(runId)).not.toContain('step.scheduled step#2');
  });

  it('does not tell the step in the shield to stop', async () => {
    const world = new World();
    const code = new Code();
    const gate = deferred<string>();
    let signal!: AbortSignal;
    const charge = code.step('charge', () => {
      ({ signal } = getCurrentContext() as StepContext);
      return gate.promise;
    });
    code.workflow('w', () => shield(() => charge()));
    const process = await world.boot(code);
    const runId = await start(process);
    await process.cancel(runId);
    await settle();
    expect(signal.aborted).toBe(false);
    gate.resolve('paid');
    await settle();
    expect(await process.result(runId)).toBe('paid');
  });

  it('protects a wait with a limit, and what helpers await', async () => {
    const { world, code } = setting((step) =>
      shield(async () => {
        const helper = async (): Promise<string> => {
          await sleep('1s');
          return step('helped');
        };
        return [await timeout(helper(), '1m'), await nameOf(timeout(createHook(), '1m'))];
      }),
    );
    const process = await world.boot(code);
    const runId = await start(process);
    await process.cancel(runId);
    await world.advance(2 * 60_000);
    expect(await process.result(runId)).toEqual(['helped', 'WorkflowTimeoutError']);
  });

  it('refuses what is no function, and works in workflow code only', async () => {
    const { world, code } = setting((step) =>
      Promise.all([
        nameOf(shield(step('begun') as never)),
        nameOf(shield(undefined as never)),
        nameOf(Promise.resolve().then(() => cancellationScope(5 as never).result)),
      ]),
    );
    const process = await world.boot(code);
    expect(await process.result(await start(process))).toEqual(Array(3).fill('InvalidInputError'));
    await expect(shield(() => 1)).rejects.toThrow('shield() was called outside a workflow');
    expect(() => cancellationScope(() => 1)).toThrow('cancellationScope() was called outside a workflow');
  });
});

describe('checkCancellation()', () => {
  it('throws in a step that has been told to stop, and does nothing outside of runs', async () => {
    const world = new World();
    const code = new Code();
    const gate = deferred<void>();
    const thrown = deferred<unknown>();
    const compute = code.step('compute', async () => {
      checkCancellation();
      await gate.promise;
      try {
        checkCancellation();
      } catch (error) {
        thrown.resolve(error);
      }
    });
    code.workflow('w', () => compute());
    const process = await world.boot(code);
    const runId = await start(process);
    await process.cancel(runId);
    await settle();
    gate.resolve();
    expect(await thrown.promise).toMatchObject({ name: 'WorkflowCancelledError', code: 'CANCELLED' });
    expect(() => checkCancellation()).not.toThrow();
  });

  it('throws in workflow code what its next wait would be rejected with', async () => {
    const { world, code, done } = setting(async (step) => {
      await shield(() => sleep('1m'));
      try {
        checkCancellation();
      } catch (error) {
        return [(error as Error).name, await step('goes on')];
      }
      return 'not told';
    });
    const process = await world.boot(code);
    const runId = await start(process);
    await process.cancel(runId);
    await world.advance(60_000);
    expect(await process.result(runId)).toEqual(['WorkflowCancelledError', 'goes on']);
    expect(done).toEqual(['goes on']);
  });
});

describe('a cancellation scope', () => {
  it('cancels its steps, timers and hooks; the run goes on, also after a crash', async () => {
    const world = new World();
    const code = new Code();
    const told: string[] = [];
    const endless = code.step('endless', () => {
      const { signal } = getCurrentContext() as StepContext;
      signal.addEventListener('abort', () => told.push((signal.reason as Error).name));
      return new Promise(() => {});
    });
    code.workflow('w', async () => {
      const hook = { token: 'offered-to-many' };
      const offers = cancellationScope(() => Promise.all([endless(), sleep('1d'), createHook(hook)].map(nameOf)));
      await sleep('1m');
      offers.cancel();
      offers.cancel();
      const names = await offers.result;
      await sleep('1m');
      return names;
    });
    const first = await world.boot(code);
    const runId = await start(first);
    await world.advance(60_000);
    expect(told).toEqual(['WorkflowCancelledError']);
    await expect(first.deliverHook('offered-to-many', 1)).rejects.toThrow(HookUsedError);
    kill(first);
    const second = await world.boot(code);
    await world.advance(2 * 60_000);
    expect(await second.result(runId)).toEqual(Array(3).fill('WorkflowCancelledError'));
    expect(await world.history(runId)).toEqual(
      expect.arrayContaining(['step.cancelled endless#1', 'sleep.cancelled sleep#1', 'hook.closed hook#1']),
    );
  });
});

describe('a run that is interrupted more than once', () => {
  const patient = async (step: (what: string) => Promise<string>): Promise<void> => {
    try {
      await sleep('30d');
    } catch (error) {
      await nameOf(step('undo')).then((fate) => fate === 'undo' || nameOf(step('undo again')));
      throw error;
    } finally {
      await sleep('1m');
      await step('tidy');
    }
  };

  it('is cancelled once when it is cancelled twice, and again in its finally', async () => {
    const { world, code, done } = setting(patient);
    const process = await world.boot(code);
    const runId = await start(process);
    await Promise.all([process.cancel(runId), process.cancel(runId)]);
    await world.advance(1_000);
    await process.cancel(runId);
    await world.advance(120_000);
    await expect(process.result(runId)).rejects.toThrow(RunCancelledError);
    expect(done).toEqual(['undo', 'tidy']);
    expect(endsOf(await world.history(runId))).toEqual(['workflow.cancelled']);
  });

  it('is cancelled once when that comes during the clean-up after its deadline', async () => {
    const { world, code, done } = setting(patient, 60_000);
    const process = await world.boot(code);
    const runId = await start(process);
    await world.advance(60_000);
    await process.cancel(runId);
    await world.advance(120_000);
    await expect(process.result(runId)).rejects.toThrow(RunCancelledError);
    expect(done).toEqual(['undo']);
    expect(endsOf(await world.history(runId))).toEqual(['workflow.cancelled']);
  });

  it('is cancelled once when its deadline passes after that', async () => {
    const { world, code, done } = setting(patient, 60_000);
    const process = await world.boot(code);
    const runId = await start(process);
    await world.advance(60_000 - 1_000);
    await process.cancel(runId);
    await world.advance(120_000);
    await expect(process.result(runId)).rejects.toThrow(RunCancelledError);
    expect(done).toEqual(['undo', 'tidy']);
    expect(endsOf(await world.history(runId))).toEqual(['workflow.cancelled']);
  });

  it('fails with its deadline when that comes in a shield, and the code behind it awaits', async () => {
    const { world, code } = setting(async (step) => {
      await shield(() => sleep('2m'));
      await step('late');
    }, 60_000);
    const process = await world.boot(code);
    const runId = await start(process);
    await world.advance(3 * 60_000);
    await expect(process.result(runId)).rejects.toThrow(RunFailedError);
  });
});

describe('a run that was halted in its clean-up', () => {
  const patient = async (tidy: () => Promise<unknown>): Promise<void> => {
    try {
      await sleep('30d');
    } finally {
      await tidy();
    }
  };

  it('ends when it is cancelled again, if it was blocked', async () => {
    const world = new World();
    const code = new Code();
    const slow = code.step('slow', () => new Promise(() => {}));
    code.workflow('w', () => patient(slow));
    const first = await world.boot(code);
    const runId = await start(first);
    await first.cancel(runId);
    await settle();
    kill(first);
    const changed = new Code();
    const quick = changed.step('quick', () => 1);
    changed.workflow('w', () => patient(quick));
    const second = await world.boot(changed);
    await world.advance(30_000);
    expect(await world.status(runId)).toBe('blocked');
    await second.cancel(runId);
    await world.advance(30_000);
    expect(endsOf(await world.history(runId))).toEqual(['workflow.cancelled']);
  });

  it('gives the clean-up up when it is cancelled again, if it was paused', async () => {
    const world = new World();
    const code = new Code();
    const fails = code.step('fails', () => Promise.reject(new Error('no')), {
      onExhausted: 'pause',
      retry: { maxRetries: 0 },
    });
    code.workflow('w', () => patient(fails));
    const process = await world.boot(code);
    const runId = await start(process);
    await process.cancel(runId);
    await settle();
    expect(await world.status(runId)).toBe('paused');
    await process.cancel(runId);
    await world.advance(1_000);
    expect(endsOf(await world.history(runId))).toEqual(['workflow.cancelled']);
    await expect(process.result(runId)).rejects.toThrow(RunCancelledError);
  });
});
