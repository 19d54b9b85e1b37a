import {
  brief,
  draftOf,
  cancelRequested,
  codec,
  completed,
  completedRun,
  failed,
  failedRun,
  fired,
  history,
  ordinaryIo,
  received,
  scheduled,
  started,
  stepCancelled,
  TestRun,
  type TestWorkflow,
} from './core.spec-helpers.js';
import { showCommitted } from './activate.js';
import type { EventDraft, OutcomeEvent } from './history-event.js';
import { macrotaskTurn } from './turns.js';

const dense = (run: TestRun): boolean => run.history.every(({ sequence }, index) => sequence === index + 1);

describe('an activation', () => {
  test('returns the transcript: outcome, the commands it caused, next outcome', async () => {
    const workflow: TestWorkflow = (run) =>
      Promise.all(['a', 'b'].map((name) => run.step(name, []).then(() => run.step(`after ${name}`, []))));
    const run = await TestRun.start(workflow);
    expect((await run.activate(completed('b#1'), completed('a#1'))).map(brief)).toEqual([
      'step.completed b#1',
      'step.scheduled after b#1',
      'step.completed a#1',
      'step.scheduled after a#1',
    ]);
  });

  test('numbers its events without a gap, behind what there is', async () => {
    const run = await TestRun.start(async (run) => {
      await Promise.all([run.step('a', []), run.step('b', [])]);
      await run.step('c', []);
    });
    await run.activate(completed('a#1'), completed('gone#1'), completed('b#1'));
    await run.activate(completed('c#1'));
    expect(dense(run)).toBe(true);
    expect(run.history).toHaveLength(8);
  });

  test('goes on with a side effect that is done within the turn', async () => {
    const run = await TestRun.start(async (run) => {
      await run.step('a', []);
      await run.sideEffect(() => macrotaskTurn());
      await run.step('b', []);
    });
    expect((await run.activate(completed('a#1'))).map(brief)).toEqual([
      'step.completed a#1',
      'side_effect.recorded side_effect#1',
      'step.scheduled b#1',
    ]);
  });

  test('keeps what was asked for behind a side effect before what its result leads to', async () => {
    const run = await TestRun.start(async (run) => {
      await run.step('a', []);
      const effect = run.sideEffect(() => 'done').then(() => run.step('then', []));
      for (let hops = 0; hops < 20; hops++) await null;
      await Promise.all([effect, run.step('behind', [])]);
    });
    expect((await run.activate(completed('a#1'))).map(brief)).toEqual([
      'step.completed a#1',
      'side_effect.recorded side_effect#1',
      'step.scheduled behind#1',
      'step.scheduled then#1',
    ]);
  });

  test('goes on from what was committed before the code could see it, which it is shown once', async () => {
    const run = await TestRun.start(async (run) => {
      await run.step('b', [await run.step('a', [])]);
    });
    const paused: EventDraft = { type: 'workflow.paused', attributes: { reason: 'a test' } };
    const events = history([...run.history.map(draftOf), completed('a#1', 'A'), paused]);
    await showCommitted(run.execution, run.state, events);
    await showCommitted(run.execution, run.state, events);
    expect(run.state).toMatchObject({ sequence: 4, status: 'paused' });
    expect(await run.activate()).toEqual([scheduled('b#1', 'A')]);
  });

  test('leaves the state that its events add up to', async () => {
    const workflow: TestWorkflow = (run) => Promise.race([run.step('a', []), run.sleepUntil(5), run.hook('h', {})]);
    const run = await TestRun.start(workflow);
    const replayed = await run.replayed(workflow);
    expect(run.state).toEqual(replayed.state);
  });

  test('passes over outcomes that mean nothing any more', async () => {
    const run = await TestRun.start((run) => run.step('a', []).then(() => run.step('b', [])));
    expect(await run.activate(completed('a#1', 'A', 7), fired('sleep#1'), received('h#1', 1))).toEqual([]);
    await run.activate(completed('a#1'), completed('a#1'));
    expect(run.transcript.map(brief)).toEqual(['step.scheduled a#1', 'step.completed a#1', 'step.scheduled b#1']);
  });

  test('records what the code does not see without waking it', async () => {
    const run = await TestRun.start((run) => run.step('a', []));
    const retrying: EventDraft = {
      type: 'step.retrying',
      id: 'a#1',
      payload: codec.encode(new Error('boom')),
      attributes: { attempt: 1, retryAt: 60 },
    };
    run.now = 50;
    expect(await run.activate(retrying)).toEqual([retrying]);
    expect(run.execution.now).toBe(0);
    expect(await run.activate(completed('a#1'))).toEqual([]);
    expect((await run.activate(completed('a#1', 'A', 2))).at(-1)).toEqual(completedRun('A'));
  });

  test('fails with an outcome that cannot be read', async () => {
    const run = await TestRun.start((run) => run.step('a', []));
    const torn = { ...completed('a#1'), payload: '{"value":' } as EventDraft;
    await expect(run.activate(torn)).rejects.toThrow(SyntaxError);
  });

  test('takes what the replay left before its outcomes', async () => {
    const workflow: TestWorkflow = (run) => Promise.all([run.step('a', []), run.step('b', [])]);
    const run = await TestRun.replay(workflow, history([started(), scheduled('a#1')]));
    expect(await run.activate(completed('a#1'))).toEqual([scheduled('b#1'), completed('a#1')]);
  });

  test('does nothing for a run that has nothing to do', async () => {
    const run = await TestRun.start((run) => run.step('a', []));
    expect(await run.activate()).toEqual([]);
    expect(run.execution.isParked).toBe(true);
  });

  test.each<[string, (callback: () => void) => void]>([
    ['the event loop', setImmediate],
    ['the tick queue', process.nextTick],
    ['a microtask', queueMicrotask],
  ])('drains the microtasks between outcomes even if it begins in a callback of %s', async (_name, soon) => {
    const run = await TestRun.start(async (run) => {
      const slow = run.step('a', []).then(async () => {
        for (let hops = 0; hops < 20; hops++) await null;
        return 'a';
      });
      return Promise.race([slow, run.step('b', []).then(() => 'b')]);
    });
    await new Promise<void>((resolve) =>
      soon(() => void run.activate(completed('a#1'), completed('b#1')).then(() => resolve())),
    );
    expect(run.result).toBe('a');
  });

  test('drains the microtasks before its first outcome', async () => {
    let release = (): void => {};
    const io = new Promise<void>((resolve) => (release = resolve));
    const run = await TestRun.start((run) => {
      const busy = io.then(async () => {
        for (let hops = 0; hops < 20; hops++) await null;
        return run.step('z', ['busy']);
      });
      return Promise.all([busy, run.step('a', []).then(() => run.step('z', ['a']))]);
    });
    release();
    expect(await run.activate(completed('a#1'))).toEqual([
      scheduled('z#1', 'busy'),
      completed('a#1'),
      scheduled('z#2', 'a'),
    ]);
  });
});

describe('the end of a run', () => {
  test('with step calls still open records them as cancelled, then ends', async () => {
    const run = await TestRun.start((run) => Promise.race([run.step('a', []), run.step('b', []), run.step('c', [])]));
    expect(await run.activate(completed('b#1', 'B'))).toEqual([
      completed('b#1', 'B'),
      stepCancelled('a#1'),
      stepCancelled('c#1'),
      completedRun('B'),
    ]);
    expect(dense(run)).toBe(true);
  });

  test.each<[string, TestWorkflow, string]>([
    ['returned', (run) => void run.step('a', []), 'workflow.completed'],
    [
      'thrown',
      (run) => {
        void run.step('a', []);
        throw new Error('boom');
      },
      'workflow.failed',
    ],
  ])('records as cancelled what was asked for in the same breath, if it has %s', async (_name, workflow, end) => {
    const run = await TestRun.start(workflow);
    expect(run.transcript.map(brief)).toEqual(['step.scheduled a#1', 'step.cancelled a#1', end]);
  });

  test('as cancelled records open step calls of the clean-up as cancelled as well', async () => {
    const run = await TestRun.start((run) =>
      run.step('a', []).catch((error: unknown) => {
        void run.step('undo', []);
        throw error;
      }),
    );
    expect((await run.activate(cancelRequested)).map(brief)).toEqual([
      'workflow.cancel_requested',
      'step.cancelled a#1',
      'step.scheduled undo#1',
      'step.cancelled undo#1',
      'workflow.cancelled',
    ]);
  });

  test('is the last event: outcomes behind it are not taken', async () => {
    const run = await TestRun.start((run) => Promise.race([run.step('a', []), run.step('b', [])]));
    const end = await run.activate(failed('a#1', 'boom'), completed('b#1'), cancelRequested);
    expect(end).toEqual([failed('a#1', 'boom'), stepCancelled('b#1'), failedRun('boom')]);
    expect(await run.activate(completed('b#1'), cancelRequested)).toEqual([]);
  });

  test('is the last event: commands behind it are not taken', async () => {
    const run = await TestRun.start(async (run) => {
      setImmediate(() => void run.step('floating', []));
      queueMicrotask(() => setImmediate(() => void run.sideEffect(() => 1)));
      void ordinaryIo(2).then(() => run.sleepUntil(5));
      return 'done';
    });
    await ordinaryIo(5);
    expect(await run.activate()).toEqual([]);
    expect(run.transcript).toEqual([completedRun('done')]);
  });

  test('settles nothing that is still awaited, or awaited later', async () => {
    const settled: string[] = [];
    const run = await TestRun.start((run) => {
      const hook = run.hook('h', { multiple: true });
      void run.step('a', []).finally(() => settled.push('step'));
      void hook.finally(() => settled.push('payload'));
      void ordinaryIo(2).then(() => run.sleepUntil(9).finally(() => settled.push('timer')));
      return 'done';
    });
    await ordinaryIo(4);
    // Whoever applies outcomes to an ended run by mistake wakes nobody.
    for (const event of history([completed('a#1'), fired('sleep#1'), received('h#1', 1)]))
      run.execution.apply(event as OutcomeEvent);
    await ordinaryIo();
    expect(settled).toEqual([]);
  });

  test('may be come to by ordinary I/O', async () => {
    const run = await TestRun.start(() => ordinaryIo(5));
    expect(run.transcript).toEqual([]);
    await ordinaryIo(6);
    expect(await run.activate(cancelRequested)).toEqual([completedRun()]);
  });
});

describe('commands behind ordinary I/O', () => {
  const late =
    (turns: number): TestWorkflow =>
    async (run) => {
      const fast = run.step('fast', []);
      await ordinaryIo(turns);
      await run.step('late', []);
      await fast;
    };

  test('come in a later activation, and wake it', async () => {
    let wakes = 0;
    const run = await TestRun.start(late(5), { onCommand: () => (wakes += 1) });
    expect(run.transcript).toEqual([scheduled('fast#1')]);
    const before = wakes;
    await ordinaryIo(6);
    expect(wakes).toBe(before + 1);
    expect(await run.activate()).toEqual([scheduled('late#1')]);
  });

  test('that take a turn of the event loop are waited for', async () => {
    const run = await TestRun.start(late(1));
    expect(run.transcript).toEqual([scheduled('fast#1'), scheduled('late#1')]);
  });

  test('are placed before the outcomes of the activation that takes them', async () => {
    const run = await TestRun.start(late(5));
    await ordinaryIo(6);
    expect(await run.activate(completed('fast#1'))).toEqual([scheduled('late#1'), completed('fast#1')]);
  });

  test('keep coming as long as each turn of the event loop brings one', async () => {
    const run = await TestRun.start(async (run) => {
      for (let i = 0; i < 3; i++) {
        void run.step('a', [i]);
        await ordinaryIo();
      }
      await run.step('b', []);
    });
    expect(run.transcript.map(brief)).toEqual([
      'step.scheduled a#1',
      'step.scheduled a#2',
      'step.scheduled a#3',
      'step.scheduled b#1',
    ]);
  });
});

describe('a run is parked', () => {
  test.each<[string, TestWorkflow]>([
    ['a step', (run) => run.step('a', [])],
    ['a timer', (run) => run.sleepUntil(5)],
    ['a hook', (run) => run.hook('h', {})],
    ['a hook of many', (run) => run.hook('h', { multiple: true })],
  ])('while it awaits %s', async (_name, workflow) => {
    expect((await TestRun.start(workflow)).execution.isParked).toBe(true);
  });

  test('again after each activation that ends in an await', async () => {
    const run = await TestRun.start(async (run) => {
      await run.step('a', []);
      await run.step('b', []);
    });
    await run.activate(completed('a#1'));
    expect(run.execution.isParked).toBe(true);
  });
});

describe('a run is not parked', () => {
  test('while a command of it has not been taken', async () => {
    const run = await TestRun.replay((run) => run.step('a', []), history([started()]));
    expect(run.execution.isParked).toBe(false);
  });

  test('without a durable await', async () => {
    const run = await TestRun.start(() => new Promise(() => {}));
    expect(run.execution.isParked).toBe(false);
  });

  test('while a side effect is at work', async () => {
    const run = await TestRun.start((run) => Promise.all([run.step('a', []), run.sideEffect(() => ordinaryIo(9))]));
    expect(run.execution.isParked).toBe(false);
  });

  test('while it has a hook of many and awaits something else', async () => {
    const run = await TestRun.start((run) => {
      run.hook('h', { multiple: true });
      return new Promise(() => {});
    });
    expect(run.execution.isParked).toBe(false);
  });

  test('once it has ended', async () => {
    const run = await TestRun.start((run) => void run.hook('h', { multiple: true }));
    expect(run.execution.isParked).toBe(false);
    expect(run.execution.isSettled).toBe(true);
  });

  test('once it is dead', async () => {
    const run = await TestRun.start((run) => run.step('a', []));
    run.execution.kill();
    expect(run.execution.isParked).toBe(false);
    expect(run.execution.isSettled).toBe(false);
  });
});
