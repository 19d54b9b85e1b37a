import {
  brief,
  cancelRequested,
  completed,
  completedRun,
  fired,
  ordinaryIo,
  partOf,
  received,
  scheduled,
  shield,
  stepCancelled,
  TestRun,
  type TestWorkflow,
  timedOut,
} from './core.spec-helpers.js';
import { WorkflowCancelledError } from './errors.js';
import type { Execution } from './execution.js';

/** What a promise came to; a rejection by its name. */
const fate = (promise: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(promise).then(
    (value) => value,
    (error: Error) => error.name,
  );

const CANCELLED = 'WorkflowCancelledError';

/** The run after these outcomes, one activation each; a replay from each boundary has to come to the same. */
async function lived(workflow: TestWorkflow, ...outcomes: Parameters<TestRun['activate']>): Promise<TestRun> {
  const run = await TestRun.start(workflow);
  for (const [index, outcome] of outcomes.entries()) {
    const replayed = await run.replayed(workflow);
    await run.activate(outcome);
    for (const rest of outcomes.slice(index)) await replayed.activate(rest);
    expect(replayed.transcript.slice(0, run.transcript.length)).toEqual(run.transcript);
  }
  return run;
}

describe('a shield', () => {
  test('protects what is awaited in it; the next wait behind it is rejected', async () => {
    const workflow: TestWorkflow = async (run) => {
      const charge = await shield(run, () => run.step('charge', []));
      return [charge, await fate(run.step('ship', [])), await run.step('refund', [])];
    };
    const run = await lived(workflow, cancelRequested, completed('charge#1', 'paid'), completed('refund#1', 'back'));
    expect(run.transcript.map(brief)).not.toContain('step.scheduled ship#1');
    expect(run.result).toEqual(['paid', CANCELLED, 'back']);
  });

  test('protects everything that is begun in it: waits one after another, timers, hooks, nested functions', async () => {
    const workflow: TestWorkflow = (run) =>
      shield(run, async () => {
        const helper = async (): Promise<unknown> => run.step('b', []);
        const first = await run.step('a', []);
        return [first, await helper(), await Promise.all([run.sleepUntil(5), run.hook('h', {})])];
      });
    const outcomes = [cancelRequested, completed('a#1'), completed('b#1'), fired('sleep#1'), received('h#1', 'yes')];
    const run = await lived(workflow, ...outcomes);
    expect(run.result).toEqual(['a#1', 'b#1', [null, 'yes']]);
  });

  test('lets a run complete that waits for nothing behind it', async () => {
    const run = await lived((run) => shield(run, () => run.step('a', [])), cancelRequested, completed('a#1', 'A'));
    expect(run.transcript.at(-1)).toEqual(completedRun('A'));
  });

  test('protects from the deadline as well', async () => {
    const workflow: TestWorkflow = async (run) => [
      await shield(run, () => run.step('a', [])),
      await fate(run.step('b', [])),
    ];
    const run = await lived(workflow, timedOut, completed('a#1', 'A'));
    expect(run.result).toEqual(['A', 'WorkflowTimeoutError']);
  });

  test('protects the payloads of a hook of many', async () => {
    const workflow: TestWorkflow = async (run) => {
      const votes = run.hook('votes', { multiple: true });
      return [await shield(run, () => votes), await fate(votes)];
    };
    const run = await lived(workflow, cancelRequested, received('votes#1', 1));
    expect(run.result).toEqual([1, CANCELLED]);
  });

  test('leaves what is awaited beside it unprotected', async () => {
    const workflow: TestWorkflow = (run) =>
      Promise.all([shield(run, () => run.step('a', [])), fate(run.step('b', [])), fate(run.hook('h', {}))]);
    const run = await lived(workflow, cancelRequested, completed('a#1', 'A'));
    expect(run.result).toEqual(['A', CANCELLED, CANCELLED]);
  });

  test('does not protect what was begun outside and is awaited inside', async () => {
    const workflow: TestWorkflow = (run) => {
      const begun = run.step('a', []);
      return shield(run, () => fate(begun));
    };
    expect((await lived(workflow, cancelRequested)).result).toBe(CANCELLED);
  });

  test('keeps protecting within another one that is over', async () => {
    const workflow: TestWorkflow = async (run) => {
      const inner = await shield(run, async () => [
        await shield(run, () => run.step('a', [])),
        await run.step('b', []),
        await shield(run, () => run.step('c', [])),
      ]);
      return [...inner, await fate(run.step('d', []))];
    };
    const run = await lived(workflow, cancelRequested, completed('a#1'), completed('b#1'), completed('c#1'));
    expect(run.result).toEqual(['a#1', 'b#1', 'c#1', CANCELLED]);
  });

  test('passes on what its code throws', async () => {
    const run = await lived((run) =>
      fate(
        shield(run, () => {
          throw new RangeError('no');
        }),
      ),
    );
    expect(run.result).toBe('RangeError');
  });
});

describe('what a shield has kept off', () => {
  test('reaches the code behind it although an abandoned timer was rejected', async () => {
    const workflow: TestWorkflow = async (run) => {
      await Promise.race([run.step('quick', []), run.sleepUntil(99)]);
      return [await shield(run, () => run.step('a', [])), await fate(run.step('b', []))];
    };
    const run = await lived(workflow, completed('quick#1'), cancelRequested, completed('a#1', 'A'));
    expect(run.result).toEqual(['A', CANCELLED]);
  });

  test('reaches the code behind each shield once', async () => {
    const branch = async (run: Execution, name: string): Promise<unknown> => [
      await shield(run, () => run.step(name, [])),
      await fate(run.step(`${name} next`, [])),
      await run.step(`${name} undo`, []),
    ];
    const workflow: TestWorkflow = (run) => Promise.all([branch(run, 'a'), branch(run, 'b')]);
    const outcomes = [completed('a#1'), completed('b#1'), completed('a undo#1'), completed('b undo#1')];
    const run = await lived(workflow, cancelRequested, ...outcomes);
    expect(run.result).toEqual([
      ['a#1', CANCELLED, 'a undo#1'],
      ['b#1', CANCELLED, 'b undo#1'],
    ]);
  });

  test('does not reach the clean-up of code that has been told', async () => {
    const workflow: TestWorkflow = async (run) => {
      const held = shield(run, () => run.step('a', []));
      await fate(run.step('b', []));
      return [await run.step('undo', []), await run.step('tidy', []), await held];
    };
    const run = await lived(workflow, cancelRequested, completed('a#1'), completed('undo#1'), completed('tidy#1'));
    expect(run.result).toEqual(['undo#1', 'tidy#1', 'a#1']);
  });

  test('reaches it one after the other, if it was interrupted twice', async () => {
    const workflow: TestWorkflow = async (run) => {
      await shield(run, () => run.step('a', []));
      return [await fate(run.step('b', [])), await fate(run.step('c', [])), await run.step('d', [])];
    };
    const run = await lived(workflow, timedOut, cancelRequested, completed('a#1'), completed('d#1'));
    expect(run.result).toEqual(['WorkflowTimeoutError', CANCELLED, 'd#1']);
  });

  test('waits for code that does ordinary I/O behind the shield, if nobody else was told', async () => {
    const workflow: TestWorkflow = async (run) => {
      await shield(run, () => run.step('a', []));
      await ordinaryIo(3);
      return fate(run.step('b', []));
    };
    const run = await TestRun.start(workflow);
    await run.activate(cancelRequested);
    await run.activate(completed('a#1'));
    await ordinaryIo(5);
    await run.activate();
    expect(run.result).toBe(CANCELLED);
  });

  test('finds the same wait when a replay is quicker with ordinary I/O', async () => {
    let replaying = false;
    const workflow: TestWorkflow = async (run) => {
      const shielded = shield(run, () => run.step('a', []));
      const late = shield(run, async () => {
        await ordinaryIo(replaying ? 0 : 10);
        return run.step('late', []);
      });
      await ordinaryIo(replaying ? 1 : 10);
      return [await fate(run.step('b', [])), await shielded, await late];
    };
    const run = await TestRun.start(workflow);
    await run.activate(cancelRequested);
    await ordinaryIo(12);
    await run.activate();
    expect(run.transcript.map(brief)).toEqual([
      'step.scheduled a#1',
      'workflow.cancel_requested',
      'step.scheduled late#1',
    ]);
    replaying = true;
    const replayed = await run.replayed(workflow);
    await replayed.activate(completed('a#1'), completed('late#1'));
    expect(replayed.result).toEqual([CANCELLED, 'a#1', 'late#1']);
  });
});

describe('checkInterruption', () => {
  test('throws what is pending, once, and spares the next wait', async () => {
    const workflow: TestWorkflow = async (run) => {
      run.checkInterruption();
      await shield(run, async () => {
        await run.step('a', []);
        run.checkInterruption();
      });
      let caught: unknown;
      try {
        run.checkInterruption();
      } catch (error) {
        caught = error;
      }
      run.checkInterruption();
      return [caught instanceof WorkflowCancelledError, await run.step('b', [])];
    };
    const run = await lived(workflow, cancelRequested, completed('a#1'), completed('b#1', 'B'));
    expect(run.result).toEqual([true, 'B']);
  });
});

describe('a scope that is cancelled', () => {
  test('rejects what is awaited in it and cancels the command behind it; the rest goes on', async () => {
    const workflow: TestWorkflow = async (run) => {
      const search = partOf(run, () =>
        Promise.all([run.step('a', []), run.sleepUntil(9), run.hook('h', {})].map((wait) => fate(wait))),
      );
      const rest = run.step('rest', []);
      await run.step('enough', []);
      search.cancel();
      return [await search.result, await rest];
    };
    const run = await lived(workflow, completed('enough#1'), completed('rest#1', 'R'));
    expect(run.transcript.map(brief).slice(5)).toEqual([
      'step.completed enough#1',
      'step.cancelled a#1',
      'sleep.cancelled sleep#1',
      'hook.closed h#1',
      'step.completed rest#1',
      'workflow.completed',
    ]);
    expect(run.result).toEqual([[CANCELLED, CANCELLED, CANCELLED], 'R']);
  });

  test('rejects what has been asked for and not recorded', async () => {
    const workflow: TestWorkflow = async (run) => {
      const search = partOf(run, () => run.step('a', []));
      search.cancel();
      return [await fate(search.result), await run.step('b', [])];
    };
    const run = await lived(workflow, completed('b#1'));
    expect(run.transcript.slice(0, 3)).toEqual([scheduled('a#1'), stepCancelled('a#1'), scheduled('b#1')]);
    expect(run.result).toEqual([CANCELLED, 'b#1']);
  });

  test('rejects the next wait in it, if there is none', async () => {
    const workflow: TestWorkflow = async (run) => {
      const search = partOf(run, async () => {
        await run.sideEffect(() => 1);
        return [await fate(run.step('a', [])), await run.step('b', [])];
      });
      search.cancel();
      return [await run.step('c', []), await search.result];
    };
    const run = await lived(workflow, completed('c#1'), completed('b#1'));
    expect(run.result).toEqual(['c#1', [CANCELLED, 'b#1']]);
  });

  test('spares what is shielded in it, and tells the code behind', async () => {
    const workflow: TestWorkflow = async (run) => {
      const search = partOf(run, async () => [
        await shield(run, () => run.step('a', [])),
        await fate(run.step('next', [])),
      ]);
      search.cancel();
      return search.result;
    };
    expect((await lived(workflow, completed('a#1'))).result).toEqual(['a#1', CANCELLED]);
  });

  test('is cancelled with the run as well, unless it is in a shield', async () => {
    const workflow: TestWorkflow = (run) =>
      Promise.all([
        fate(partOf(run, () => run.step('a', [])).result),
        shield(run, async () => {
          const inner = partOf(run, () => run.step('b', []));
          await run.step('c', []);
          inner.cancel();
          return fate(inner.result);
        }),
      ]);
    const run = await lived(workflow, cancelRequested, completed('c#1'));
    expect(run.result).toEqual([CANCELLED, CANCELLED]);
    expect(run.transcript.map(brief).filter((name) => name.startsWith('step.cancelled'))).toEqual([
      'step.cancelled a#1',
      'step.cancelled b#1',
    ]);
  });
});
