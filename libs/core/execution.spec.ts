import {
  brief,
  codec,
  commandsAfter,
  completed,
  completedRun,
  countingEntropy,
  failed,
  failedRun,
  history,
  ordinaryIo,
  received,
  scheduled,
  started,
  TestRun,
  type TestWorkflow,
  timer,
  taken,
} from './core.spec-helpers.js';
import { Execution } from './execution.js';

describe('a run', () => {
  test('asks for its first step with the arguments it was started with', async () => {
    const run = await TestRun.start((run, order: string) => run.step('charge', [order, 7]), { args: ['order 1'] });
    expect(run.transcript).toEqual([scheduled('charge#1', 'order 1', 7)]);
  });

  test('completes with what the workflow returns', async () => {
    const run = await TestRun.start(() => ({ paid: true }));
    expect(run.transcript).toEqual([completedRun({ paid: true })]);
  });

  test('does not begin with stored arguments that are no list', () => {
    const execution = new Execution({ codec, entropy: countingEntropy() });
    expect(() => execution.start(() => 1, codec.encode(5), 0)).toThrow('The stored arguments of the run are no list.');
  });

  test('fails with whatever the workflow throws, even if that cannot be looked at', async () => {
    const getPrototypeOf = (): never => {
      throw new Error('a trap');
    };
    const run = await TestRun.start(() => {
      throw new Proxy({}, { getPrototypeOf }) as Error;
    });
    expect(run.transcript).toMatchObject([{ type: 'workflow.failed' }]);
  });

  test('fails with what the workflow throws, before its first await or behind it', async () => {
    const early = await TestRun.start(() => {
      throw new Error('boom');
    });
    const late = await TestRun.start(async () => {
      await ordinaryIo();
      throw new Error('boom');
    });
    expect(early.transcript).toEqual([failedRun('boom')]);
    expect(late.transcript).toEqual([failedRun('boom')]);
  });

  test('fails with what is wrong about an output that cannot be stored', async () => {
    const run = await TestRun.start(() => ({ callback: () => {} }));
    expect(run.transcript).toEqual([failedRun('A function cannot be stored.')]);
  });

  test('fails with what is wrong about an error that cannot be stored', async () => {
    const run = await TestRun.start(() => Promise.reject(() => {}));
    expect(run.transcript).toEqual([failedRun('A function cannot be stored.')]);
  });

  test('does not start on arguments that do not decode', () => {
    const execution = new Execution({ codec, entropy: countingEntropy() });
    let ran = false;
    expect(() => execution.start(() => (ran = true), 'not JSON', 0)).toThrow(SyntaxError);
    expect(ran).toBe(false);
  });

  test('draws its random values from its own source, in the order of its calls', async () => {
    const workflow: TestWorkflow = (run) => [run.random(), run.randomUUID(), run.random()];
    expect((await TestRun.start(workflow)).result).toEqual([0.01, 'uuid 2', 0.03]);
    expect((await TestRun.start(workflow)).result).toEqual([0.01, 'uuid 2', 0.03]);
  });

  test('knows whether it lives through recorded events', async () => {
    const seen: boolean[] = [];
    const workflow: TestWorkflow = async (run) => {
      seen.push(run.isReplaying);
      await run.step('a', []);
      seen.push(run.isReplaying);
    };
    const run = await TestRun.replay(workflow, history([started(), scheduled('a#1')]));
    await run.activate(completed('a#1'));
    expect(seen).toEqual([true, false]);
  });
});

describe('a step', () => {
  test('gives its result', async () => {
    const run = await TestRun.start(async (run) => [await run.step('a', [])]);
    expect(await run.activate(completed('a#1', 'A'))).toEqual([completed('a#1', 'A'), completedRun(['A'])]);
  });

  test('that failed rejects with its error', async () => {
    const run = await TestRun.start((run) => run.step('a', []));
    expect(await run.activate(failed('a#1', 'boom'))).toEqual([failed('a#1', 'boom'), failedRun('boom')]);
  });

  test('with arguments that cannot be stored rejects, and is not asked for', async () => {
    const run = await TestRun.start(async (run) => {
      const refused = await run.step('a', [() => {}]).catch((error: Error) => error.message);
      await run.step('a', [refused]);
    });
    expect(run.transcript).toEqual([scheduled('a#2', 'A function cannot be stored.')]);
  });

  test('with arguments that cannot be stored ends no process if that is found out late', async () => {
    const run = await TestRun.start(async (run) => {
      const refused = run.step('a', [() => {}]);
      await run.step('b', []);
      return refused;
    });
    expect(await run.activate(completed('b#1'))).toContainEqual(failedRun('A function cannot be stored.'));
  });

  test('called three times by a loop is three calls with ids of their own', async () => {
    const run = await TestRun.start(async (run) => {
      const results: unknown[] = [];
      for (let i = 0; i < 3; i++) results.push(await run.step('charge', ['the same']));
      return results;
    });
    await run.activate(completed('charge#1', 'A'));
    await run.activate(completed('charge#2', 'B'));
    await run.activate(completed('charge#3', 'C'));
    expect(run.transcript.map(brief)).toEqual([
      'step.scheduled charge#1',
      'step.completed charge#1',
      'step.scheduled charge#2',
      'step.completed charge#2',
      'step.scheduled charge#3',
      'step.completed charge#3',
      'workflow.completed',
    ]);
    expect(run.result).toEqual(['A', 'B', 'C']);
  });

  test('added to the code does not shift the ids of other names', async () => {
    const before: TestWorkflow = (run) => Promise.all([run.step('a', []), run.step('b', [])]);
    const after: TestWorkflow = (run) => Promise.all([run.step('new', []), run.step('a', []), run.step('b', [])]);
    const run = await TestRun.start(before);
    await run.activate(completed('a#1'));
    const edited = await run.replayed(after);
    expect(await edited.activate(completed('b#1'))).toEqual([scheduled('new#1'), completed('b#1')]);
  });
});

describe('E1: nothing is thrown through the workflow to suspend it', () => {
  test('so a catch with a fallback sees no suspension', async () => {
    const caught: unknown[] = [];
    const workflow: TestWorkflow = async (run) => {
      try {
        return await run.step('a', []);
      } catch (error) {
        caught.push(error);
        return run.step('fallback', []);
      }
    };
    const run = await TestRun.start(workflow);
    const taken = await run.replayed(workflow);
    expect(await taken.activate(completed('a#1', 'A'))).toEqual([completed('a#1', 'A'), completedRun('A')]);
    expect(caught).toEqual([]);
  });

  test('so a finally runs once, when the step is done', async () => {
    let finals = 0;
    const run = await TestRun.start(async (run) => {
      try {
        await run.step('a', []);
      } finally {
        finals += 1;
      }
    });
    expect(finals).toBe(0);
    run.execution.kill();
    await ordinaryIo();
    expect(finals).toBe(0);
  });
});

describe('E2: time and outcomes move only with events', () => {
  test('so the code between two events sees one instant, ordinary I/O or not', async () => {
    const seen: number[] = [];
    const run = await TestRun.start(
      async (run) => {
        seen.push(run.now);
        await run.step('a', []);
        seen.push(run.now);
        await ordinaryIo();
        seen.push(run.now);
      },
      { startedAt: 100 },
    );
    run.now = 250;
    await run.activate(completed('a#1'));
    expect(seen).toEqual([100, 250, 250]);
  });

  test('and a replay sees the same instants', async () => {
    const seen: number[] = [];
    const workflow: TestWorkflow = async (run) => {
      seen.push(run.now);
      await run.step('a', []);
      seen.push(run.now);
      await run.step('b', []);
      seen.push(run.now);
    };
    const events = history(
      [started(), scheduled('a#1'), completed('a#1'), scheduled('b#1'), completed('b#1')],
      (i) => 10 * i,
    );
    await TestRun.replay(workflow, events);
    expect(seen).toEqual([0, 20, 40]);
  });
});

describe('E3: each promise has a handler from birth', () => {
  // Jest fails a test during which a rejection is left unhandled.
  test('so a failed step that is awaited later ends no process', async () => {
    const run = await TestRun.start(async (run) => {
      const a = run.step('a', []);
      await run.step('b', []);
      return a.catch(() => 'recovered');
    });
    await run.activate(failed('a#1', 'boom'));
    await ordinaryIo();
    expect(await run.activate(completed('b#1'))).toEqual([completed('b#1'), completedRun('recovered')]);
  });

  test('so a failed step that is never awaited ends no process', async () => {
    const run = await TestRun.start(async (run) => {
      void run.step('a', []);
      await run.step('b', []);
    });
    await run.activate(failed('a#1', 'boom'));
    await ordinaryIo();
    expect(await run.activate(completed('b#1'))).toEqual([completed('b#1'), completedRun()]);
  });

  test('so a helper that fails before it is awaited keeps its failure for the await', async () => {
    const run = await TestRun.start(async (run) => {
      const helper = (async () => await run.step('a', []))();
      await run.step('b', []);
      return helper.catch((error: Error) => error.message);
    });
    // The helper's own promise is the workflow's: whose it is, the runtime finds out.
    const unhandled = await unhandledDuring(async () => {
      await run.activate(failed('a#1', 'boom'));
      await ordinaryIo();
    });
    expect(unhandled.map(String)).toEqual(['Error: boom']);
    expect(await run.activate(completed('b#1'))).toEqual([completed('b#1'), completedRun('boom')]);
  });
});

/** The rejections that are left unhandled meanwhile. Jest gives tests a copy of `process`; the events are the host's. */
async function unhandledDuring(act: () => Promise<void>): Promise<unknown[]> {
  const host = (process.nextTick.constructor as FunctionConstructor)('return process')() as NodeJS.Process;
  const listeners = host.listeners('unhandledRejection');
  const reasons: unknown[] = [];
  host.removeAllListeners('unhandledRejection');
  host.on('unhandledRejection', (reason) => reasons.push(reason));
  try {
    await act();
  } finally {
    host.removeAllListeners('unhandledRejection');
    for (const listener of listeners) host.on('unhandledRejection', listener);
  }
  return reasons;
}

describe('E4: a dead execution settles nothing and issues nothing', () => {
  /** Kills a run that goes on with ordinary I/O, and lets its code come back from there. */
  async function zombie(code: TestWorkflow): Promise<{ run: TestRun; wentOn: boolean }> {
    let wentOn = false;
    const run = await TestRun.start(async (run) => {
      const hook = run.hook('h', { multiple: true });
      await hook;
      await ordinaryIo(5);
      await code(run, ...([hook] as never[]));
      wentOn = true;
    });
    await run.activate(received('h#1', 1), received('h#1', 2));
    run.execution.kill();
    await ordinaryIo(10);
    return { run, wentOn };
  }

  test('when an outcome reaches it', async () => {
    let wentOn = false;
    const run = await TestRun.start(async (run) => {
      await run.step('a', []);
      wentOn = true;
    });
    run.execution.kill();
    expect(await run.activate(completed('a#1'))).toEqual([completed('a#1')]);
    expect(wentOn).toBe(false);
  });

  test('when a payload reaches it', async () => {
    let wentOn = false;
    const run = await TestRun.start(async (run) => {
      await run.hook('h', { multiple: true });
      wentOn = true;
    });
    run.execution.kill();
    expect(await run.activate(received('h#1', 1))).toEqual([received('h#1', 1)]);
    expect(wentOn).toBe(false);
  });

  test.each<[string, TestWorkflow]>([
    ['asks for a step', (run) => run.step('b', [])],
    ['asks for a step with arguments that cannot be stored', (run) => run.step('b', [() => {}]).catch(() => {})],
    ['sleeps', (run) => run.sleepUntil(10)],
    ['creates a hook', (run) => run.hook('other', {})],
    ['creates a hook of many', (run) => run.hook('other', { multiple: true })],
    ['takes what had been delivered to a hook', (_run, hook: PromiseLike<unknown>) => hook],
    ['runs a side effect', (run) => run.sideEffect(() => 1)],
  ])('when its code %s', async (_name, code) => {
    const { run, wentOn } = await zombie(code);
    expect(wentOn).toBe(false);
    expect(taken(run.execution.log)).toEqual([]);
  });

  test('when its code returns', async () => {
    const { run, wentOn } = await zombie(() => 'done');
    expect(wentOn).toBe(true);
    expect(taken(run.execution.log)).toEqual([]);
  });

  test('when its code closes a hook that somebody iterates', async () => {
    let wentOn = false;
    const run = await TestRun.start(async (run) => {
      const hook = run.hook('h', { multiple: true });
      void hook.then(
        () => (wentOn = true),
        () => (wentOn = true),
      );
      await ordinaryIo(5);
      hook.close();
    });
    run.execution.kill();
    await ordinaryIo(10);
    expect(wentOn).toBe(false);
    expect(taken(run.execution.log)).toEqual([]);
  });

  test('when the history had side effects left to run', async () => {
    let effects = 0;
    const run = await TestRun.replay(
      (run) => {
        void run.sideEffect(() => (effects += 1));
        run.kill();
      },
      history([started()]),
    );
    expect(effects).toBe(0);
    expect(await run.activate()).toEqual([]);
  });

  test('and tells once that its code still asks for something', async () => {
    let told = 0;
    const run = await TestRun.start(async (run) => {
      await ordinaryIo(3);
      void run.step('a', []);
      void run.step('b', []);
    });
    run.execution.kill(() => (told += 1));
    await ordinaryIo(5);
    expect(told).toBe(1);
  });

  test('and does not begin a side effect', async () => {
    let effects = 0;
    await zombie((run) => run.sideEffect(() => (effects += 1)));
    expect(effects).toBe(0);
  });
});

test('the same history decides the same thing twice', async () => {
  const workflow: TestWorkflow = async (run) => {
    const a = await run.step('a', []);
    await run.sleepUntil(run.now + 1_000);
    return run.step('b', [a]);
  };
  const recorded = [scheduled('a#1'), completed('a#1', 'A')];
  const commands = await commandsAfter(workflow, recorded);
  expect(commands).toEqual([timer('sleep#1', 1_002)]);
  expect(await commandsAfter(workflow, recorded)).toEqual(commands);
});

describe('what a workflow tells its steps', () => {
  const context = (value: unknown) => ({ attributes: { context: codec.encode(value) } });

  test('goes with the steps that are called from then on, until it is taken back', async () => {
    const seen: unknown[] = [];
    const tell: TestWorkflow = async (run) => {
      await run.step('before', []);
      run.setStepContext({ tenant: 'eu' });
      seen.push(run.getStepContext());
      await run.step('with', []);
      run.setStepContext(undefined);
      seen.push(run.getStepContext());
      await run.step('after', []);
    };
    const run = await TestRun.start(tell);
    await run.activate(completed('before#1'));
    await run.activate(completed('with#1'));
    expect(run.transcript.filter(({ type }) => type === 'step.scheduled')).toEqual([
      scheduled('before#1'),
      { ...scheduled('with#1'), ...context({ tenant: 'eu' }) },
      scheduled('after#1'),
    ]);
    expect(seen).toEqual([{ tenant: 'eu' }, undefined]);
  });

  test('is a copy, so that neither side changes it for the other', async () => {
    const given = { tenant: 'eu' };
    const run = await TestRun.start((run) => {
      run.setStepContext(given);
      given.tenant = 'us';
      (run.getStepContext() as typeof given).tenant = 'uk';
      return run.getStepContext();
    });
    expect(run.result).toEqual({ tenant: 'eu' });
  });

  test('is refused, and leaves what was told before, if it is not valid or cannot be stored', async () => {
    const checkStepContext = (value: unknown): void => {
      if (value === 'bad') throw new Error('not valid');
    };
    const run = await TestRun.start(
      (run) => {
        run.setStepContext('good');
        const errors = ['bad', () => 1].map((value) => {
          try {
            return run.setStepContext(value);
          } catch (error) {
            return (error as Error).message;
          }
        });
        return [...errors, run.getStepContext()];
      },
      { checkStepContext },
    );
    expect(run.result).toEqual(['not valid', 'A function cannot be stored.', 'good']);
  });
});
