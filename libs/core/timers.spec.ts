import {
  brief,
  commandsAfter,
  completed,
  completedRun,
  fired,
  history,
  received,
  scheduled,
  started,
  TestRun,
  type TestWorkflow,
  timer,
  taken,
} from './core.spec-helpers.js';

const sleep = (run: { now: number; sleepUntil(at: number): Promise<void> }, ms: number): Promise<void> =>
  run.sleepUntil(run.now + ms);

describe('a timer', () => {
  test('is asked for by the time at which it fires', async () => {
    const run = await TestRun.start((run) => sleep(run, 1_000), { startedAt: 500 });
    expect(run.transcript).toEqual([timer('sleep#1', 1_500)]);
  });

  test('that fires lets the run go on', async () => {
    const run = await TestRun.start((run) => sleep(run, 1_000).then((value: unknown) => [value]));
    expect(await run.activate(fired('sleep#1'))).toEqual([fired('sleep#1'), completedRun([undefined])]);
  });

  test('counts from the event that woke it', async () => {
    const workflow: TestWorkflow = async (run) => {
      await run.step('a', []);
      await sleep(run, 1_000);
    };
    const run = await TestRun.start(workflow);
    run.now = 700;
    expect(await run.activate(completed('a#1'))).toContainEqual(timer('sleep#1', 1_700));
    const recorded = history([started(), scheduled('a#1'), completed('a#1')], (index) => index * 300);
    expect(taken((await TestRun.replay(workflow, recorded)).execution.log)).toEqual([timer('sleep#1', 1_600)]);
  });

  test('counts from the event that woke it, also when others are applied in the same activation', async () => {
    const workflow: TestWorkflow = (run) =>
      Promise.all([run.step('a', []).then(() => sleep(run, 10)), run.step('b', []).then(() => sleep(run, 10))]);
    const run = await TestRun.start(workflow);
    run.now = 100;
    await run.activate(completed('a#1'));
    run.now = 200;
    await run.activate(completed('b#1'));
    expect([...run.state.timers]).toEqual([
      ['sleep#1', 110],
      ['sleep#2', 210],
    ]);
  });

  test('of its own does not move by what another one does', async () => {
    const run = await TestRun.start(async (run) => {
      const long = sleep(run, 1_000);
      await sleep(run, 10);
      await long;
    });
    run.now = 10;
    expect(await run.activate(fired('sleep#2'))).toEqual([fired('sleep#2')]);
    run.now = 1_000;
    expect(await run.activate(fired('sleep#1'))).toEqual([fired('sleep#1'), completedRun()]);
  });

  test('beside a step is open until one of both comes', async () => {
    const workflow: TestWorkflow = (run) => Promise.race([run.step('a', []), sleep(run, 50).then(() => 'too late')]);
    const run = await TestRun.start(workflow);
    expect(run.transcript).toEqual([scheduled('a#1'), timer('sleep#1', 50)]);
    run.now = 50;
    await run.activate(fired('sleep#1'));
    expect(run.result).toBe('too late');
  });

  test('beside a hook is open until one of both comes', async () => {
    const workflow: TestWorkflow = (run) => Promise.race([run.hook('h', {}), sleep(run, 50).then(() => 'too late')]);
    const run = await TestRun.start(workflow);
    await run.activate(received('h#1', 'in time'));
    expect(run.result).toBe('in time');
  });

  test('that lost is dropped when the run ends', async () => {
    const run = await TestRun.start((run) => Promise.race([run.step('a', []), sleep(run, 50)]));
    await run.activate(completed('a#1', 'A'));
    expect(run.state.timers.size).toBe(0);
    expect(await run.activate(fired('sleep#1'))).toEqual([]);
  });
});

describe('dropping a timer', () => {
  const withTimeout: TestWorkflow = async (run) => {
    const timeout = sleep(run, 50);
    const winner = await Promise.race([run.step('a', []), timeout]);
    run.dropTimer(timeout);
    await run.step('b', []);
    return winner;
  };
  const dropped = { type: 'sleep.cancelled', id: 'sleep#1' } as const;

  test('cancels it at once', async () => {
    const run = await TestRun.start(withTimeout);
    expect(await run.activate(completed('a#1', 'A'))).toEqual([completed('a#1', 'A'), dropped, scheduled('b#1')]);
    expect(run.state.timers.size).toBe(0);
    expect(await run.activate(fired('sleep#1'))).toEqual([]);
  });

  test('is replayed', async () => {
    const recorded = [timer('sleep#1', 50), scheduled('a#1'), completed('a#1', 'A'), dropped, scheduled('b#1')];
    expect(await commandsAfter(withTimeout, [...recorded, completed('b#1')])).toEqual([completedRun('A')]);
  });

  test('keeps a firing that comes in the same activation from being recorded', async () => {
    const run = await TestRun.start(withTimeout);
    const transcript = await run.activate(completed('a#1', 'A'), fired('sleep#1'));
    expect(transcript.map(brief)).toEqual(['step.completed a#1', 'sleep.cancelled sleep#1', 'step.scheduled b#1']);
  });

  test('that has fired does nothing', async () => {
    const run = await TestRun.start(withTimeout);
    expect(await run.activate(fired('sleep#1'))).toEqual([fired('sleep#1'), scheduled('b#1')]);
  });

  test('leaves other timers and other promises alone', async () => {
    const run = await TestRun.start(async (run) => {
      const timers = [sleep(run, 10), sleep(run, 20)];
      const step = run.step('a', []);
      run.dropTimer(timers[1]);
      run.dropTimer(step);
      run.dropTimer(Promise.resolve());
      run.dropTimer(undefined);
      await timers[0];
    });
    expect(run.transcript.map(brief)).toEqual([
      'sleep.started sleep#1',
      'sleep.started sleep#2',
      'step.scheduled a#1',
      'sleep.cancelled sleep#2',
    ]);
  });

  test('leaves its promise unsettled for good', async () => {
    const run = await TestRun.start(async (run) => {
      const timer = sleep(run, 10);
      run.dropTimer(timer);
      return Promise.race([
        timer.then(
          () => 'settled',
          () => 'settled',
        ),
        run.step('a', []).then(() => 'unsettled'),
      ]);
    });
    await run.activate(completed('a#1'));
    expect(run.result).toBe('unsettled');
  });
});

describe('the time of an event', () => {
  test('is when it is applied', async () => {
    const run = await TestRun.start((run) => run.step('a', []));
    run.now = 70;
    await run.activate(completed('a#1'));
    expect(run.history.map(({ at }) => at)).toEqual([0, 0, 70, 70]);
  });

  test("is never before its predecessor's, even if the clock is set back", async () => {
    const seen: number[] = [];
    const run = await TestRun.start(
      async (run) => {
        await run.step('a', []);
        seen.push(run.now);
        await run.step('b', []);
        seen.push(run.now);
      },
      { startedAt: 1_000 },
    );
    run.now = 900;
    await run.activate(completed('a#1'));
    run.now = 800;
    await run.activate(completed('b#1'));
    expect(run.history.map(({ at }) => at)).toEqual([1_000, 1_000, 1_000, 1_000, 1_000, 1_000]);
    expect(seen).toEqual([1_000, 1_000]);
  });
});
