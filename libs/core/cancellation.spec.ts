import {
  brief,
  cancelRequested,
  commandsAfter,
  completed,
  completedRun,
  effect,
  hookCreated,
  ordinaryIo,
  received,
  scheduled,
  stepCancelled,
  TestRun,
  type TestWorkflow,
  timedOut,
  timer,
} from './core.spec-helpers.js';
import { WorkflowCancelledError, WorkflowTimeoutError } from './errors.js';

/** What rejected a promise, by name. */
const refusal = (promise: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(promise).then(
    () => 'resolved',
    (error: Error) => error.name,
  );

describe('a request to cancel', () => {
  test('rejects what the workflow awaits, and ends the run as cancelled', async () => {
    const run = await TestRun.start((run) => run.step('a', []));
    const transcript = await run.activate(cancelRequested);
    expect(transcript.map(brief)).toEqual(['workflow.cancel_requested', 'step.cancelled a#1', 'workflow.cancelled']);
    expect(run.state.status).toBe('cancelled');
    expect(run.result).toMatchObject({ name: 'WorkflowCancelledError' });
  });

  test('rejects everything that is awaited, and cancels the command behind it', async () => {
    const run = await TestRun.start((run) =>
      Promise.all([run.step('a', []), run.sleepUntil(5), run.hook('h', {})].map(refusal)),
    );
    const transcript = await run.activate(cancelRequested);
    expect(transcript.map(brief)).toEqual([
      'workflow.cancel_requested',
      'step.cancelled a#1',
      'sleep.cancelled sleep#1',
      'hook.closed h#1',
      'workflow.completed',
    ]);
    expect(run.result).toEqual(Array(3).fill('WorkflowCancelledError'));
  });

  test('is a WorkflowCancelledError to the code', async () => {
    let reason: unknown;
    const run = await TestRun.start((run) => run.step('a', []).catch((error: unknown) => (reason = error)));
    await run.activate(cancelRequested);
    expect(reason).toBeInstanceOf(WorkflowCancelledError);
    expect(reason).toMatchObject({ code: 'CANCELLED' });
  });

  test('rejects once: catch and finally may run further steps', async () => {
    const workflow: TestWorkflow = async (run) => {
      try {
        await run.step('a', []);
      } catch (error) {
        await run.step('undo', []);
        throw error;
      } finally {
        await run.step('tidy', []);
      }
    };
    const run = await TestRun.start(workflow);
    expect((await run.activate(cancelRequested)).at(-1)).toEqual(scheduled('undo#1'));
    expect(run.state.cancelRequested).toBe(true);
    expect(run.execution.isParked).toBe(true);
    expect((await run.activate(completed('undo#1'))).at(-1)).toEqual(scheduled('tidy#1'));
    expect((await run.activate(completed('tidy#1'))).map(brief)).toEqual([
      'step.completed tidy#1',
      'workflow.cancelled',
    ]);
  });

  test('means nothing the second time', async () => {
    const run = await TestRun.start((run) => run.step('a', []).catch(() => run.step('undo', [])));
    await run.activate(cancelRequested, cancelRequested);
    expect(await run.activate(cancelRequested)).toEqual([]);
    expect(run.transcript.map(brief).filter((name) => name === 'workflow.cancel_requested')).toHaveLength(1);
    expect([...run.state.steps.keys()]).toEqual(['undo#1']);
  });

  test('may be survived', async () => {
    const run = await TestRun.start((run) => run.step('a', []).catch(() => 'what there was'));
    await run.activate(cancelRequested);
    expect(run.transcript.at(-1)).toEqual(completedRun('what there was'));
  });

  test('refuses the late outcome of what it cancelled', async () => {
    const run = await TestRun.start((run) => run.step('a', []).catch(() => run.step('undo', [])));
    expect((await run.activate(cancelRequested, completed('a#1'))).map(brief)).not.toContain('step.completed a#1');
  });

  test('does not cancel a timer that was dropped', async () => {
    const run = await TestRun.start((run) => {
      const timer = run.sleepUntil(9);
      run.dropTimer(timer);
      return run.step('a', []);
    });
    expect((await run.activate(cancelRequested)).map(brief)).not.toContain('sleep.cancelled sleep#1');
  });

  test('ends no process over a promise that nobody awaits', async () => {
    const run = await TestRun.start(async (run) => {
      void run.step('a', []);
      await refusal(run.step('b', []));
    });
    await run.activate(cancelRequested);
    expect(run.transcript.at(-1)).toEqual(completedRun());
  });
});

describe('a request to cancel while nothing is awaited', () => {
  const whileBusy = async (code: TestWorkflow): Promise<TestRun> => {
    const run = await TestRun.start(async (run) => {
      await ordinaryIo(3);
      return code(run, ...([] as never[]));
    });
    expect((await run.activate(cancelRequested)).map(brief)).toEqual(['workflow.cancel_requested']);
    await ordinaryIo(5);
    await run.activate();
    return run;
  };

  test.each<[string, TestWorkflow]>([
    ['step', (run) => run.step('a', [])],
    ['timer', (run) => run.sleepUntil(9)],
    ['hook', (run) => run.hook('h', {})],
    ['hook of many', (run) => run.hook('h', { multiple: true })],
  ])('rejects the next %s, which is not asked for', async (_name, code) => {
    const run = await whileBusy(code);
    expect(run.transcript.map(brief)).toEqual(['workflow.cancel_requested', 'workflow.cancelled']);
  });

  test('rejects once', async () => {
    const run = await whileBusy(async (run) => [await refusal(run.step('a', [])), await run.step('b', [])]);
    expect(run.transcript).toEqual([cancelRequested, scheduled('b#1')]);
    await run.activate(completed('b#1', 'B'));
    expect(run.result).toEqual(['WorkflowCancelledError', 'B']);
  });

  test('rejects the next payload of a hook that is open', async () => {
    const run = await TestRun.start(async (run) => {
      const hook = run.hook('h', { multiple: true });
      for await (const value of hook) await ordinaryIo(value as number);
    });
    await run.activate(received('h#1', 3));
    await run.activate(cancelRequested);
    await ordinaryIo(5);
    expect((await run.activate()).map(brief)).toEqual(['workflow.cancelled']);
  });

  test('leaves the next payload of a hook that has been delivered', async () => {
    const run = await TestRun.start(async (run) => {
      const hook = run.hook('h', { multiple: true });
      await ordinaryIo(3);
      return [await hook, await refusal(hook)];
    });
    await run.activate(received('h#1', 1), cancelRequested);
    await ordinaryIo(5);
    await run.activate();
    expect(run.result).toEqual([1, 'WorkflowCancelledError']);
  });

  test('lets a side effect come to its end, then rejects', async () => {
    const run = await TestRun.start(async (run) => {
      const value = await run.sideEffect(() => ordinaryIo(3).then(() => 'done'));
      return [value, await refusal(run.step('a', []))];
    });
    await run.activate(cancelRequested);
    await ordinaryIo(5);
    await run.activate();
    expect(run.transcript).toEqual([
      cancelRequested,
      effect('side_effect#1', 'done'),
      completedRun(['done', 'WorkflowCancelledError']),
    ]);
  });

  test('is replayed', async () => {
    const workflow: TestWorkflow = async (run) => {
      await ordinaryIo(2);
      return [await refusal(run.step('a', [])), await run.step('b', [])];
    };
    expect(await commandsAfter(workflow, [cancelRequested, scheduled('b#1')])).toEqual([]);
  });
});

describe('a request to cancel a run that iterates a hook', () => {
  const workflow: TestWorkflow = async (run) => {
    const hook = run.hook('h', { multiple: true });
    const seen: unknown[] = [];
    try {
      for await (const value of hook) seen.push(value);
    } catch (error) {
      seen.push((error as Error).name);
    }
    return [...seen, await hook];
  };

  test('rejects the loop; the hook stays open', async () => {
    const run = await TestRun.start(workflow);
    await run.activate(received('h#1', 1));
    expect(await run.activate(cancelRequested)).toEqual([cancelRequested]);
    expect(run.execution.isParked).toBe(true);
    await run.activate(received('h#1', 2));
    expect(run.result).toEqual([1, 'WorkflowCancelledError', 2]);
  });

  test('is replayed', async () => {
    const recorded = [hookCreated('h#1', { multiple: true }), received('h#1', 1), cancelRequested];
    expect(await commandsAfter(workflow, [...recorded, received('h#1', 2)])).toEqual([
      completedRun([1, 'WorkflowCancelledError', 2]),
    ]);
  });
});

describe('a replayed request to cancel', () => {
  const recorded = [scheduled('a#1'), timer('sleep#1', 5), cancelRequested, stepCancelled('a#1')];
  const cancelled = { type: 'sleep.cancelled', id: 'sleep#1' } as const;
  const workflow: TestWorkflow = async (run) => {
    const names = await Promise.all([run.step('a', []), run.sleepUntil(5)].map(refusal));
    return run.step('undo', names);
  };

  test('comes to the same commands', async () => {
    const all = [...recorded, cancelled];
    const names = ['WorkflowCancelledError', 'WorkflowCancelledError'];
    expect(await commandsAfter(workflow, all)).toEqual([scheduled('undo#1', ...names)]);
    expect(await commandsAfter(workflow, [...all, scheduled('undo#1', ...names)])).toEqual([]);
  });

  test('cancels what the history does not record as cancelled', async () => {
    const names = ['WorkflowCancelledError', 'WorkflowCancelledError'];
    expect(await commandsAfter(workflow, recorded)).toEqual([cancelled, scheduled('undo#1', ...names)]);
  });

  test('does not reach what the history had not got to when it came', async () => {
    // On replay the second branch is quicker with its ordinary I/O than it was.
    const branches: TestWorkflow = (run) =>
      Promise.all([
        refusal(run.step('a', [])),
        run.sideEffect(() => 1).then(() => refusal(run.step('b', []))),
        refusal(run.step('late', [])),
      ]);
    const history = [scheduled('a#1'), effect('side_effect#1', 1), scheduled('b#1')];
    const after = [cancelRequested, stepCancelled('a#1'), stepCancelled('b#1'), scheduled('late#1')];
    const commands = await commandsAfter(branches, [...history, ...after, completed('late#1')]);
    expect(commands).toEqual([completedRun(['WorkflowCancelledError', 'WorkflowCancelledError', 'resolved'])]);
  });

  test('reaches the await that it reached, although the replay is quicker to get there', async () => {
    let replaying = false;
    const workflow: TestWorkflow = async (run) => {
      const quick = async (): Promise<unknown> => {
        await ordinaryIo(replaying ? 1 : 10);
        return [await refusal(run.step('b', [])), await run.step('c', [])];
      };
      const [, c] = await Promise.all([ordinaryIo(2).then(() => run.step('a', [])), quick()]);
      return c;
    };
    const run = await TestRun.start(workflow);
    await ordinaryIo(3);
    await run.activate(completed('a#1'));
    await run.activate(cancelRequested);
    await ordinaryIo(12);
    await run.activate();
    replaying = true;
    const replayed = await run.replayed(workflow);
    expect(await replayed.activate()).toEqual([]);
    const end = completedRun(['WorkflowCancelledError', 'C']);
    expect(await replayed.activate(completed('c#1', 'C'))).toEqual([completed('c#1', 'C'), end]);
  });
});

describe('a passed deadline', () => {
  test('rejects what the workflow awaits with a WorkflowTimeoutError', async () => {
    let reason: unknown;
    const run = await TestRun.start((run) => run.step('a', []).catch((error: unknown) => (reason = error)));
    await run.activate(timedOut);
    expect(reason).toBeInstanceOf(WorkflowTimeoutError);
    expect(run.transcript.map(brief)).toContain('step.cancelled a#1');
  });

  test('ends the run as failed', async () => {
    const run = await TestRun.start((run) => run.step('a', []));
    await run.activate(timedOut);
    expect(run.state.status).toBe('failed');
    expect(run.result).toMatchObject({ name: 'WorkflowTimeoutError' });
  });

  test('means nothing after a request to cancel; a request to cancel does, after it', async () => {
    const workflow: TestWorkflow = (run) =>
      run
        .step('a', [])
        .catch(() => run.step('b', []))
        .catch(() => run.step('c', []));
    const cancelled = await TestRun.start(workflow);
    await cancelled.activate(cancelRequested);
    expect(await cancelled.activate(timedOut)).toEqual([]);
    const late = await TestRun.start(workflow);
    await late.activate(timedOut);
    expect((await late.activate(cancelRequested)).at(-1)).toEqual(scheduled('c#1'));
  });
});
