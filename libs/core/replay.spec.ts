import {
  brief,
  cancelRequested,
  codec,
  commandsAfter,
  completed,
  completedRun,
  countingEntropy,
  effect,
  history,
  ordinaryIo,
  patience,
  scheduled,
  started,
  stateAfter,
  TestRun,
  type TestOptions,
  type TestWorkflow,
  timer,
  taken,
} from './core.spec-helpers.js';
import { NonDeterminismError } from './errors.js';
import { Execution } from './execution.js';
import type { EventDraft, HistoryEvent } from './history-event.js';
import { replay } from './replay.js';
import { RunState } from './run-state.js';

const two: TestWorkflow = async (run) => {
  const a = await run.step('a', []);
  return run.step('b', [a]);
};

describe('a replay', () => {
  test('issues the first command of a new run', async () => {
    expect(await commandsAfter(two, [])).toEqual([scheduled('a#1')]);
  });

  test('issues nothing while a step is under way', async () => {
    expect(await commandsAfter(two, [scheduled('a#1')])).toEqual([]);
  });

  test('issues what comes behind the last recorded outcome', async () => {
    expect(await commandsAfter(two, [scheduled('a#1'), completed('a#1', 'A')])).toEqual([scheduled('b#1', 'A')]);
  });

  test('goes to the end', async () => {
    const recorded = [scheduled('a#1'), completed('a#1', 'A'), scheduled('b#1', 'A'), completed('b#1', 'B')];
    expect(await commandsAfter(two, recorded)).toEqual([completedRun('B')]);
  });

  test('arrives at the state that the events add up to', async () => {
    const recorded = [scheduled('a#1'), completed('a#1', 'A'), scheduled('b#1', 'A')];
    const run = await TestRun.replay(two, history([started(), ...recorded]));
    expect(run.state).toEqual(stateAfter(...recorded));
  });

  test('reads the history in pages as it does whole', async () => {
    const recorded = [scheduled('a#1'), completed('a#1', 'A'), scheduled('b#1', 'A'), completed('b#1', 'B')];
    const events = history([started(), ...recorded]);
    const execution = new Execution({ codec, entropy: countingEntropy() });
    const state = new RunState('run-1');
    execution.start(() => two(execution), (events[0] as { payload?: string }).payload as string, 0);
    for (const event of events) await replay(execution, state, [[event]], patience(0));
    execution.endReplay();
    expect(taken(execution.log)).toEqual([completedRun('B')]);
  });

  test.each([
    ['first', []],
    ['later', [completed('a#1'), scheduled('b#1', 'a#1')]],
  ])('fails if an outcome that comes %s cannot be read', async (_when, before) => {
    const unreadable: EventDraft = { ...completed(before.length > 0 ? 'b#1' : 'a#1'), payload: '{' } as EventDraft;
    await expect(commandsAfter(two, [scheduled('a#1'), ...before, unreadable])).rejects.toThrow(SyntaxError);
  });

  test('passes over events that the code does not see', async () => {
    const retrying: EventDraft = {
      type: 'step.retrying',
      id: 'a#1',
      payload: codec.encode(new Error('boom')),
      attributes: { attempt: 1, retryAt: 50 },
    };
    const run = await TestRun.replay(two, history([started(), scheduled('a#1'), retrying]));
    expect(run.execution.now).toBe(0);
    expect(run.execution.isParked).toBe(true);
  });
});

describe('R1: outcomes are applied one at a time, with the microtasks drained between', () => {
  const open = [scheduled('a#1'), scheduled('b#1')];
  const order: TestWorkflow = async (run) => {
    const seen: string[] = [];
    const slow = async (): Promise<void> => {
      await run.step('a', []);
      for (let hops = 0; hops < 20; hops++) await null;
      seen.push('a');
    };
    const quick = async (): Promise<void> => void seen.push((await run.step('b', [])) as string);
    await Promise.all([slow(), quick()]);
    return seen;
  };

  test('so code with many hops is through before the next outcome', async () => {
    expect(await commandsAfter(order, [...open, completed('a#1'), completed('b#1', 'b')])).toEqual([
      completedRun(['a', 'b']),
    ]);
  });

  test('so the history decides the order, not the code', async () => {
    expect(await commandsAfter(order, [...open, completed('b#1', 'b'), completed('a#1')])).toEqual([
      completedRun(['b', 'a']),
    ]);
  });

  test('and before the first of them', async () => {
    let ready = false;
    const workflow: TestWorkflow = async (run) => {
      const a = run.step('a', []).then(() => ready);
      for (let hops = 0; hops < 20; hops++) await null;
      ready = true;
      return a;
    };
    expect(await commandsAfter(workflow, [scheduled('a#1'), completed('a#1')])).toEqual([completedRun(true)]);
  });

  test('and behind a recorded side effect', async () => {
    const seen: string[] = [];
    const workflow: TestWorkflow = async (run) => {
      const slow = async (): Promise<void> => {
        await run.sideEffect(() => 1);
        for (let hops = 0; hops < 20; hops++) await null;
        seen.push('effect');
      };
      const quick = async (): Promise<void> => void seen.push((await run.step('b', [])) as string);
      await Promise.all([slow(), quick()]);
    };
    await commandsAfter(workflow, [scheduled('b#1'), effect('side_effect#1', 1), completed('b#1', 'b')]);
    expect(seen).toEqual(['effect', 'b']);
  });

  test.each<[string, (callback: () => void) => void]>([
    ['the event loop', setImmediate],
    ['the tick queue', process.nextTick],
    ['a microtask', queueMicrotask],
  ])('even if the replay begins in a callback of %s', async (_name, soon) => {
    const events = history([started(), ...open, completed('a#1'), completed('b#1', 'b')]);
    const run = await new Promise<TestRun>((resolve) => soon(() => void TestRun.replay(order, events).then(resolve)));
    expect(await run.activate()).toEqual([completedRun(['a', 'b'])]);
  });
});

describe('R2: before an outcome is applied the code has issued every command recorded before it', () => {
  const branches: TestWorkflow = (run) => {
    const branch = async (name: string, turns: number): Promise<unknown> => {
      await run.step(name, []);
      await ordinaryIo(turns);
      return run.step('z', [name]);
    };
    return Promise.all([branch('a', 3), branch('b', 1)]);
  };
  const recorded = [
    scheduled('a#1'),
    scheduled('b#1'),
    completed('a#1'),
    scheduled('z#1', 'a'),
    completed('b#1'),
    scheduled('z#2', 'b'),
    completed('z#2', 'of b'),
    completed('z#1', 'of a'),
  ];

  test('so ordinary awaits in two branches do not swap them', async () => {
    const changed: string[] = [];
    expect(await commandsAfter(branches, recorded, { onChangedInput: (id) => changed.push(id) })).toEqual([
      completedRun(['of a', 'of b']),
    ]);
    expect(changed).toEqual([]);
  });

  test('and the wait for the code is bounded', async () => {
    await expect(commandsAfter(branches, recorded, { patience: patience(1) })).rejects.toThrow(NonDeterminismError);
  });

  test('and patience is told how often it was asked about the same event', async () => {
    const asked: number[] = [];
    await commandsAfter(branches, recorded, {
      patience: async (tries) => {
        asked.push(tries);
        await ordinaryIo();
        return true;
      },
    });
    expect(asked).toEqual([0, 1, 2, 0]);
  });

  test('and code that only has microtasks to go is not waited for', async () => {
    const workflow: TestWorkflow = async (run) => {
      for (let hops = 0; hops < 20; hops++) await null;
      await run.step('a', []);
    };
    const impatient = async (): Promise<boolean> => {
      throw new Error('asked for patience');
    };
    expect(await commandsAfter(workflow, [scheduled('a#1')], { patience: impatient })).toEqual([]);
  });

  test('and code that wakes up together with the patience is let come to its command', async () => {
    const io = ordinaryIo(2);
    const workflow: TestWorkflow = async (run) => {
      await io;
      for (let hops = 0; hops < 20; hops++) await null;
      await run.step('a', []);
    };
    const once = (tries: number): Promise<boolean> => io.then(() => tries === 0);
    expect(await commandsAfter(workflow, [scheduled('a#1')], { patience: once })).toEqual([]);
  });
});

describe('code that no longer matches its history', () => {
  async function divergence(
    workflow: TestWorkflow,
    recorded: readonly EventDraft[],
    options: TestOptions = {},
  ): Promise<NonDeterminismError> {
    const error = await commandsAfter(workflow, recorded, options).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(NonDeterminismError);
    return error as NonDeterminismError;
  }
  const done = [scheduled('a#1'), completed('a#1', 'A'), scheduled('b#1', 'A')];

  test('because a step was removed', async () => {
    const error = await divergence((run) => run.step('b', []), done);
    expect(error).toMatchObject({ sequence: 2, recorded: 'step a#1', issued: 'step b#1', location: undefined });
  });

  test('because a step was renamed', async () => {
    const renamed: TestWorkflow = async (run) => run.step('c', [await run.step('a', [])]);
    expect(await divergence(renamed, done)).toMatchObject({ sequence: 4, recorded: 'step b#1', issued: 'step c#1' });
  });

  test('because a step was put before another', async () => {
    const added: TestWorkflow = async (run) => {
      const a = await run.step('a', []);
      await run.step('new', []);
      return run.step('b', [a]);
    };
    expect(await divergence(added, done)).toMatchObject({ sequence: 4, recorded: 'step b#1', issued: 'step new#1' });
  });

  test('because a command is of another kind', async () => {
    const changed: TestWorkflow = (run) => run.sleepUntil(5);
    expect(await divergence(changed, [scheduled('sleep#1')])).toMatchObject({
      recorded: 'step sleep#1',
      issued: 'timer sleep#1',
    });
  });

  test('because it returns early', async () => {
    const early: TestWorkflow = (run) => run.step('a', []);
    expect(await divergence(early, done)).toMatchObject({ recorded: 'step b#1', issued: 'the end of the run' });
  });

  test('because it throws early', async () => {
    const early: TestWorkflow = async (run) => {
      await run.step('a', []);
      throw new Error('boom');
    };
    expect(await divergence(early, done)).toMatchObject({ recorded: 'step b#1', issued: 'the failure of the run' });
  });

  test('because it asks for nothing more', async () => {
    const stuck: TestWorkflow = async (run) => {
      await run.step('a', []);
      await new Promise(() => {});
    };
    expect(await divergence(stuck, done)).toMatchObject({ recorded: 'step b#1', issued: 'nothing' });
  });

  test('because a side effect was removed', async () => {
    const removed: TestWorkflow = (run) => run.step('a', []);
    expect(await divergence(removed, [effect('side_effect#1', 1)])).toMatchObject({
      recorded: 'side effect side_effect#1',
      issued: 'step a#1',
    });
  });

  test('because it does not cancel what was cancelled', async () => {
    const recorded = [scheduled('a#1'), cancelRequested, timer('sleep#1', 9)];
    expect(await divergence(two, recorded)).toMatchObject({ recorded: 'timer sleep#1' });
  });

  test('is told where it asked for something else, if commands are traced', async () => {
    const workflow = new Function('run', 'return run.step("b", [])\n//# sourceURL=/app/src/order.workflow.ts');
    const error = await divergence(workflow as TestWorkflow, done, { traceCommands: true });
    expect(error.location).toMatch(/\/app\/src\/order\.workflow\.ts:\d+:\d+/);
    expect(error.message).toContain(error.location);
  });

  test('leaves the run open for a fixed deploy', async () => {
    await divergence((run) => run.step('b', []), done);
    expect(await commandsAfter(two, done)).toEqual([]);
  });

  test('is not code whose arguments alone have changed', async () => {
    const changed: string[] = [];
    const workflow: TestWorkflow = async (run) => run.step('b', [await run.step('a', ['new'])]);
    const commands = await commandsAfter(workflow, [...done, completed('b#1', 'B')], {
      onChangedInput: (id) => changed.push(id),
    });
    expect(commands).toEqual([completedRun('B')]);
    expect(changed).toEqual(['a#1']);
  });
});

test('a recorded ending is what the code comes to as well', async () => {
  const events: HistoryEvent[] = history([started(), scheduled('a#1'), completed('a#1', 'A'), completedRun('A')]);
  const run = await TestRun.replay((run) => run.step('a', []), events);
  expect(run.state.status).toBe('completed');
  expect(run.execution.isSettled).toBe(true);
  expect(run.transcript.map(brief)).toEqual(['step.scheduled a#1', 'step.completed a#1', 'workflow.completed']);
});
