import {
  completed,
  completedRun,
  draftOf,
  failed,
  failedRun,
  fired,
  ordinaryIo,
  received,
  scheduled,
  TestRun,
  type TestWorkflow,
} from './core.spec-helpers.js';
import { type EventDraft, isOutcomeEvent } from './history-event.js';

const combine =
  (combinator: (steps: Promise<unknown>[]) => Promise<unknown>): TestWorkflow =>
  (run) =>
    combinator([run.step('a', []), run.step('b', [])]);
const all = combine((steps) => Promise.all(steps));
const race = combine((steps) => Promise.race(steps));
const any = combine((steps) => Promise.any(steps).catch((error: AggregateError) => String(error.errors)));
const allSettled = combine((steps) =>
  Promise.allSettled(steps).then((settled) => settled.map(({ status }) => status).join()),
);

const A = completed('a#1', 'A');
const B = completed('b#1', 'B');
const noA = failed('a#1', 'no A');
const noB = failed('b#1', 'no B');

/** The run's result when its outcomes come in one activation, in one each, and from history; they must be the same. */
async function resultOf(workflow: TestWorkflow, outcomes: readonly EventDraft[]): Promise<unknown> {
  const together = await TestRun.start(workflow);
  await together.activate(...outcomes);
  const apart = await TestRun.start(workflow);
  for (const outcome of outcomes) await apart.activate(outcome);
  expect(apart.result).toEqual(together.result);
  expect(apart.transcript).toEqual(together.transcript);
  const tail = together.history.findLastIndex(isOutcomeEvent) + 1;
  const replayed = await TestRun.replay(workflow, together.history.slice(0, tail));
  expect(await replayed.activate()).toEqual(together.history.slice(tail).map(draftOf));
  return together.result;
}

test('parallel steps are asked for together', async () => {
  expect((await TestRun.start(all)).transcript).toEqual([scheduled('a#1'), scheduled('b#1')]);
});

describe('the outcome recorded first', () => {
  test.each<[string, TestWorkflow, EventDraft[], unknown]>([
    ['wins a race', race, [A, B], 'A'],
    ['wins a race, in the other order', race, [B, A], 'B'],
    ['wins a race by failing', race, [noB, A], { name: 'Error', message: 'no B' }],
    ['loses a race that has been won', race, [A, noB], 'A'],
    ['is what any gives', any, [A, B], 'A'],
    ['is what any gives, in the other order', any, [B, A], 'B'],
    ['is passed over by any if it failed', any, [noA, B], 'B'],
    ['is the first error of any by its place, not its time', any, [noB, noA], 'Error: no A,Error: no B'],
    ['does not change what all gives', all, [B, A], ['A', 'B']],
    ['is what fails all', all, [noB, noA], { name: 'Error', message: 'no B' }],
    ['does not change what allSettled gives', allSettled, [noB, A], 'fulfilled,rejected'],
  ])('%s', async (_name, workflow, outcomes, result) => {
    const given = await resultOf(workflow, outcomes);
    expect(given instanceof Error ? { name: given.name, message: given.message } : given).toEqual(result);
  });

  test('wins a race over a branch with fewer hops', async () => {
    const workflow: TestWorkflow = (run) => {
      const slow = async (): Promise<unknown> => {
        const value = await run.step('a', []);
        for (let hops = 0; hops < 20; hops++) await null;
        return value;
      };
      return Promise.race([slow(), run.step('b', [])]);
    };
    expect(await resultOf(workflow, [A, B])).toBe('A');
    expect(await resultOf(workflow, [B, A])).toBe('B');
  });

  test('wins a race between a step, a timer and a hook', async () => {
    const workflow: TestWorkflow = (run) =>
      Promise.race([
        run.step('a', []).then(() => 'step'),
        run.sleepUntil(5).then(() => 'timer'),
        run.hook('h', {}).then(() => 'hook'),
      ]);
    const outcomes = { step: A, timer: fired('sleep#1'), hook: received('h#1', 1) };
    const kinds = ['step', 'timer', 'hook'] as const;
    for (const first of kinds) {
      const others = kinds.filter((kind) => kind !== first);
      for (const [second, third] of [others, [...others].reverse()] as ['step', 'step'][])
        expect(await resultOf(workflow, [outcomes[first], outcomes[second], outcomes[third]])).toBe(first);
    }
  });

  test('decides which of two equal calls is the first', async () => {
    const workflow: TestWorkflow = (run) => {
      const branch = async (name: string, hops: number): Promise<unknown> => {
        await run.step(name, []);
        for (let hop = 0; hop < hops; hop++) await null;
        return run.step('charge', [name]);
      };
      return Promise.all([branch('a', 20), branch('b', 0)]);
    };
    const run = await TestRun.start(workflow);
    expect(await run.activate(A, B)).toEqual([A, scheduled('charge#1', 'a'), B, scheduled('charge#2', 'b')]);
    const other = await TestRun.start(workflow);
    expect(await other.activate(B, A)).toEqual([B, scheduled('charge#1', 'b'), A, scheduled('charge#2', 'a')]);
  });
});

test('an outcome answers the command of its kind, though another has the same id', async () => {
  const workflow: TestWorkflow = (run) =>
    Promise.all([run.step('sleep', []), run.sleepUntil(5), run.hook('sleep', {})].map(async (each) => [await each]));
  const run = await TestRun.start(workflow);
  await run.activate(fired('sleep#1'));
  await run.activate(received('sleep#1', 'payload'));
  await run.activate(completed('sleep#1', 'result'));
  expect(run.result).toEqual([['result'], [null], ['payload']]);
});

describe('the loser of a race', () => {
  test('is still open, and its late outcome is passed over', async () => {
    const run = await TestRun.start(async (run) => {
      const winner = await Promise.race([run.step('a', []), run.step('b', [])]);
      return [winner, await run.step('c', [])];
    });
    await run.activate(A);
    await run.activate(noB);
    await ordinaryIo();
    await run.activate(completed('c#1', 'C'));
    expect(run.result).toEqual(['A', 'C']);
  });

  test('that fails later does not fail the run', async () => {
    const run = await TestRun.start(async (run) => {
      await Promise.race([run.step('a', []), run.step('b', [])]);
      await run.step('c', []);
    });
    await run.activate(A, noB, completed('c#1'));
    expect(run.transcript.at(-1)).toEqual(completedRun());
  });
});

test('two outcomes of one activation cause the commands that they cause one after the other', async () => {
  const workflow: TestWorkflow = (run) =>
    Promise.all([
      run.step('a', []).then((a) => run.step('next', [a])),
      run.step('b', []).catch((error: Error) => run.step('undo', [error.message])),
    ]);
  const run = await TestRun.start(workflow);
  expect(await run.activate(A, noB)).toEqual([A, scheduled('next#1', 'A'), noB, scheduled('undo#1', 'no B')]);
});

test('a failure that nobody catches fails the run, whatever else is open', async () => {
  const run = await TestRun.start(all);
  expect(await run.activate(noA)).toEqual([noA, { type: 'step.cancelled', id: 'b#1' }, failedRun('no A')]);
});
