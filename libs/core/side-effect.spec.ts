import {
  codec,
  commandsAfter,
  completed,
  completedRun,
  effect,
  history,
  ordinaryIo,
  patience,
  scheduled,
  started,
  TestRun,
  type TestWorkflow,
} from './core.spec-helpers.js';
import type { EventDraft } from './history-event.js';

const failedEffect = (id: string, message: string): EventDraft => ({
  type: 'side_effect.recorded',
  id,
  payload: codec.encode(new Error(message)),
  attributes: { failed: true },
});

describe('a side effect', () => {
  test('gives and records its value', async () => {
    const run = await TestRun.start((run) => run.sideEffect(() => ({ rate: 1.5 })));
    expect(run.transcript).toEqual([effect('side_effect#1', { rate: 1.5 }), completedRun({ rate: 1.5 })]);
  });

  test('may be async', async () => {
    const run = await TestRun.start((run) =>
      run.sideEffect(async () => {
        await null;
        return 7;
      }),
    );
    expect(run.transcript).toEqual([effect('side_effect#1', 7), completedRun(7)]);
  });

  test('gives what a replay will give, not what it holds', async () => {
    const own = { rate: 1 };
    let given: unknown;
    await TestRun.start(async (run) => (given = await run.sideEffect(() => own)));
    expect(given).toEqual(own);
    expect(given).not.toBe(own);
  });

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('boom');
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
  ])('that %s records its failure and rejects with it', async (_name, fail) => {
    const run = await TestRun.start((run) => run.sideEffect(fail).catch((error: Error) => error.message));
    expect(run.transcript).toEqual([failedEffect('side_effect#1', 'boom'), completedRun('boom')]);
  });

  test('with a value that cannot be stored records what is wrong about it and rejects with it', async () => {
    const run = await TestRun.start((run) => run.sideEffect(() => () => {}).catch((error: Error) => error.message));
    const message = 'A function cannot be stored.';
    expect(run.transcript).toEqual([failedEffect('side_effect#1', message), completedRun(message)]);
  });

  test('counts its ids by itself', async () => {
    const run = await TestRun.start(async (run) => [await run.sideEffect(() => 1), await run.sideEffect(() => 2)]);
    expect(run.transcript).toEqual([effect('side_effect#1', 1), effect('side_effect#2', 2), completedRun([1, 2])]);
  });

  test('that is not awaited is not run for a run that has ended', async () => {
    let effects = 0;
    const run = await TestRun.start((run) => {
      setImmediate(() => void run.sideEffect(() => (effects += 1)));
    });
    await ordinaryIo(2);
    expect(effects).toBe(0);
    expect(run.transcript).toEqual([completedRun()]);
  });

  test('whose run ends meanwhile is not recorded behind the end', async () => {
    const run = await TestRun.start((run) => void run.sideEffect(() => ordinaryIo(2)));
    await ordinaryIo(4);
    expect(run.transcript).toEqual([completedRun()]);
    expect(await run.activate()).toEqual([]);
  });
});

describe('a replayed side effect', () => {
  function counted(): { calls: () => number; workflow: TestWorkflow } {
    let calls = 0;
    const workflow: TestWorkflow = async (run) => {
      const value = await run.sideEffect(() => `call ${(calls += 1)}`);
      return run.step('a', [value]);
    };
    return { calls: () => calls, workflow };
  }

  test('gives the recorded value without being run', async () => {
    const { calls, workflow } = counted();
    const recorded = [effect('side_effect#1', 'recorded'), scheduled('a#1', 'recorded')];
    expect(await commandsAfter(workflow, recorded)).toEqual([]);
    expect(calls()).toBe(0);
    expect(await commandsAfter(workflow, recorded.slice(0, 1))).toEqual([scheduled('a#1', 'recorded')]);
    expect(calls()).toBe(0);
  });

  test('gives the recorded failure without being run', async () => {
    let calls = 0;
    const workflow: TestWorkflow = (run) => run.sideEffect(() => (calls += 1)).catch((error: Error) => error.message);
    expect(await commandsAfter(workflow, [failedEffect('side_effect#1', 'boom')])).toEqual([completedRun('boom')]);
    expect(calls).toBe(0);
  });

  test('runs again if its process died before the commit', async () => {
    const { calls, workflow } = counted();
    await TestRun.start(workflow);
    const lost = await TestRun.start(workflow);
    expect(calls()).toBe(2);
    expect(lost.transcript).toEqual([effect('side_effect#1', 'call 2'), scheduled('a#1', 'call 2')]);
  });

  test('that the history has not reached is run when the replay ends, once', async () => {
    let calls = 0;
    const workflow: TestWorkflow = async (run) => {
      await run.step('a', []);
      return run.sideEffect(() => (calls += 1));
    };
    const run = await TestRun.replay(workflow, history([started(), scheduled('a#1'), completed('a#1')]));
    expect(await run.activate()).toEqual([effect('side_effect#1', 1), completedRun(1)]);
    run.execution.endReplay();
    expect(calls).toBe(1);
  });

  test('has its place among the outcomes', async () => {
    const workflow: TestWorkflow = (run) =>
      Promise.race([run.step('a', []).then(() => 'step'), run.sideEffect(() => ordinaryIo(3)).then(() => 'effect')]);
    const scheduledFirst = scheduled('a#1');
    const effectFirst = [scheduledFirst, effect('side_effect#1', 1), completed('a#1')];
    const stepFirst = [scheduledFirst, completed('a#1'), effect('side_effect#1', 1)];
    expect(await commandsAfter(workflow, effectFirst)).toEqual([completedRun('effect')]);
    await expect(commandsAfter(workflow, stepFirst)).resolves.toEqual([completedRun('step')]);
  });

  test('is waited for while ordinary I/O is in front of it', async () => {
    const workflow: TestWorkflow = async (run) => {
      await ordinaryIo(2);
      return run.sideEffect(() => 'not run');
    };
    const recorded = [effect('side_effect#1', 'recorded')];
    expect(await commandsAfter(workflow, recorded, { patience: patience(5) })).toEqual([completedRun('recorded')]);
  });
});

describe('a side effect under way', () => {
  const slow: TestWorkflow = (run) =>
    Promise.all([run.step('a', []), run.sideEffect(() => ordinaryIo(3).then(() => 'done'))]);

  test('keeps the run from being parked, although a step is awaited', async () => {
    const run = await TestRun.start(slow);
    expect(run.transcript).toEqual([scheduled('a#1')]);
    expect(run.execution.isParked).toBe(false);
    await ordinaryIo(4);
    await run.activate();
    expect(run.execution.isParked).toBe(true);
  });

  test('is not seen before it has its place in the history', async () => {
    let seen = false;
    const run = await TestRun.start((run) => run.sideEffect(() => ordinaryIo(3)).then(() => (seen = true)));
    await ordinaryIo(5);
    expect(seen).toBe(false);
    expect(run.execution.isParked).toBe(false);
    await run.activate();
    expect(seen).toBe(true);
  });

  test('wakes the run when it is done', async () => {
    let commands = 0;
    const run = await TestRun.start(slow, { onCommand: () => (commands += 1) });
    const before = commands;
    await ordinaryIo(4);
    expect(commands).toBe(before + 1);
    expect(await run.activate()).toEqual([effect('side_effect#1', 'done')]);
  });
});

describe('a side effect that is done while an outcome is at work', () => {
  /** Both branches ask for the same: who is first decides whose result is whose. */
  const workflow: TestWorkflow = async (run) => {
    await run.step('tick', []);
    const hopping = async (): Promise<unknown> => {
      for (let hops = 0; hops < 20; hops++) await null;
      return run.step('z', []);
    };
    const effective = async (): Promise<unknown> => {
      await run.sideEffect(() => 1);
      return run.step('z', []);
    };
    return Promise.all([hopping(), effective()]);
  };
  const rest = [completed('z#1', 'first'), completed('z#2', 'second')];

  test('is seen when that outcome is through, as in the replay', async () => {
    const run = await TestRun.start(workflow);
    await run.activate(completed('tick#1'));
    const replayed = await run.replayed(workflow);
    await run.activate(...rest);
    await replayed.activate(...rest);
    expect(run.result).toEqual(['first', 'second']);
    expect(replayed.result).toEqual(run.result);
  });
});
