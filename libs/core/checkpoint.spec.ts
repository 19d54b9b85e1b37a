import {
  cancelRequested,
  codec,
  completed,
  completedRun,
  conflicted,
  draftOf,
  expired,
  fired,
  history,
  ordinaryIo,
  partOf,
  patience,
  received,
  scheduled,
  shield,
  started,
  timedOut,
  TestRun,
  type TestWorkflow,
} from './core.spec-helpers.js';
import { compactedHistory, goOnFrom, livedThrough, stateOf } from './checkpoint.spec-helpers.js';
import type { Execution } from './execution.js';
import type { EventDraft } from './history-event.js';

const types = (events: readonly { readonly type: string }[]): string[] => events.map(({ type }) => type);
const times = <T>(count: number, of: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => of(index));
const saved = (id: string, state: object, attributes?: object): EventDraft =>
  ({ type: 'checkpoint.saved', id, payload: codec.encode(state), ...(attributes && { attributes }) }) as EventDraft;
const retrying = (id: string, attempt: number): EventDraft => ({
  type: 'step.retrying',
  id,
  payload: codec.encode(new Error('boom')),
  attributes: { attempt, retryAt: 0 },
});
const exhausted = (id: string, attempt: number): EventDraft => ({
  type: 'step.exhausted',
  id,
  payload: codec.encode(new Error('boom')),
  attributes: { attempt },
});
const resumed: EventDraft = { type: 'workflow.resumed' };

/** Rounds of one step, whose results it adds up. */
const summing =
  (rounds: number): TestWorkflow =>
  async (run) => {
    const state = { round: 0, total: 0 };
    while (state.round < rounds) {
      await run.checkpoint(state, 'sum');
      state.total += (await run.step('work', [state.round, state.total])) as number;
      state.round += 1;
    }
    return state;
  };
const work = (count: number): EventDraft[] => times(count, (index) => completed(`work#${index + 1}`, index));

describe('a checkpoint', () => {
  test('is recorded with what the code has come to, and goes out with what follows it', async () => {
    const run = await livedThrough(summing(2), work(1));
    const counts = (sum: number, steps: number): object => ({
      counts: { 'checkpoint sum': sum, ...(steps > 0 && { 'step work': steps }) },
    });
    expect(run.transcript).toEqual([
      saved('sum#1', { round: 0, total: 0 }, counts(1, 0)),
      scheduled('work#1', 0, 0),
      completed('work#1', 0),
      saved('sum#2', { round: 1, total: 0 }, counts(2, 1)),
      scheduled('work#2', 1, 0),
    ]);
  });

  test('leaves in the object what was saved, live and on replay', async () => {
    const seen: object[] = [];
    const workflow: TestWorkflow = async (run) => {
      const inner = { list: [1] };
      const state: Record<string, unknown> = { inner, gone: undefined };
      await run.checkpoint(state, 'c');
      seen.push(state);
      expect(state['inner']).not.toBe(inner);
      expect(Object.keys(state)).toEqual(['inner']);
      return state;
    };
    const run = await TestRun.start(workflow);
    await run.replayed(workflow);
    expect(seen).toEqual([{ inner: { list: [1] } }, { inner: { list: [1] } }]);
  });

  test('takes keys that mean something to objects', async () => {
    const state = JSON.parse('{"__proto__":1,"constructor":2}') as object;
    await TestRun.start((run) => run.checkpoint(state, 'c'));
    expect(Object.entries(state)).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ]);
  });

  test('moves the time of the run to when it has its place', async () => {
    const workflow: TestWorkflow = async (run) => {
      await ordinaryIo(3);
      await run.checkpoint({}, 'c');
      return run.now;
    };
    const run = await TestRun.start(workflow);
    run.now = 70;
    await ordinaryIo(4);
    await run.activate();
    expect(run.result).toBe(70);
  });

  test('that nobody waits for is recorded before the end', async () => {
    const workflow: TestWorkflow = (run) => void run.checkpoint({ a: 1 }, 'c');
    const run = await TestRun.start(workflow);
    expect(run.transcript).toEqual([saved('c#1', { a: 1 }), completedRun()]);
    expect((await run.replayed(workflow)).execution.isSettled).toBe(true);
  });

  test('is not interrupted; the wait behind it is', async () => {
    const run = await livedThrough(
      async (run) => {
        await ordinaryIo(9);
        await run.checkpoint({ a: 1 }, 'c');
        await run.step('b', []);
      },
      [cancelRequested],
    );
    await ordinaryIo(9);
    expect(types(await run.activate())).toEqual(['checkpoint.saved', 'workflow.cancelled']);
  });

  test('of a run that is let go of is never over', async () => {
    let isOver = false;
    const run = await TestRun.start(async (run) => {
      await run.step('a', []);
      await run.checkpoint({}, 'c');
      isOver = true;
    });
    run.execution.kill();
    void run.execution.checkpoint({}, 'c').then(() => (isOver = true));
    await ordinaryIo(2);
    expect(isOver).toBe(false);
  });

  test('is waited for on replay while ordinary I/O is in front of it', async () => {
    const workflow: TestWorkflow = async (run) => {
      await ordinaryIo(2);
      await run.checkpoint({ a: 1 }, 'c');
      return 'done';
    };
    const stored = history([started(), saved('c#1', { a: 1 }, { counts: { 'checkpoint c': 1 } })]);
    const run = await TestRun.replay(workflow, stored, { patience: patience(5) });
    expect(await run.activate()).toEqual([completedRun('done')]);
  });
});

/** A payload for each that is read, in rounds. */
const reading =
  (rounds: number, each: (run: Execution, state: { round: number }) => unknown = () => undefined): TestWorkflow =>
  async (run) => {
    const inbox = run.hook<number>('inbox', { multiple: true, timeoutMs: 10_000 });
    const payloads = inbox[Symbol.asyncIterator]();
    const first = await payloads.next().catch((error: Error) => ({ value: error.name }));
    const state = { round: 0, read: [first.value] as unknown[] };
    while (state.round < rounds) {
      await run.checkpoint(state, 'c');
      state.round += 1;
      if ((await each(run, state)) === 'close') inbox.close();
      const next = await payloads.next().catch((error: Error) => ({ done: false, value: error.name }));
      state.read.push(next.done ? 'done' : next.value);
      await run.step('note', [state.read.length]);
    }
    return state.read;
  };
const inbox = (...values: number[]): EventDraft[] => values.map((value) => received('inbox#1', value));
const note = (occurrence: number): EventDraft => completed(`note#${occurrence}`);

const scenarios: readonly [string, TestWorkflow, readonly (EventDraft | readonly EventDraft[])[]][] = [
  ['of steps', summing(6), work(6)],
  [
    'with code before and behind it',
    async (run) => {
      const factor = (await run.step('factor', [])) as number;
      const state = { round: 0, seen: [] as unknown[] };
      for (;;) {
        await run.checkpoint(state, 'c');
        if (state.round === 4) break;
        state.seen.push(await run.step('work', [state.round++ * factor]));
        await run.sleepUntil(run.now + 10);
      }
      return [await run.step('after', [factor]), state.seen];
    },
    [
      completed('factor#1', 3),
      ...times(4, (i) => [completed(`work#${i + 1}`), fired(`sleep#${i + 1}`)]).flat(),
      completed('after#1'),
    ],
  ],
  [
    'with chance, side effects, time, context and a hook in each round',
    async (run) => {
      run.setStepContext({ tenant: 'before' });
      const state = { round: 0, seen: [run.randomUUID()] as unknown[] };
      while (state.round < 4) {
        await run.checkpoint(state, 'c');
        state.seen.push(run.random(), run.randomUUID(), run.now, run.getStepContext());
        state.seen.push(await run.sideEffect(() => `effect ${state.round}`));
        state.seen.push(await run.hook('answer', { timeoutMs: 500 }).catch((error: unknown) => (error as Error).name));
        run.setStepContext(state.round === 2 ? undefined : { tenant: state.round });
        await run.step('work', [state.seen]);
        state.round += 1;
      }
      return state.seen;
    },
    times(4, (i) => [
      i === 1 ? expired('answer#2') : received(`answer#${i + 1}`, i),
      completed(`work#${i + 1}`),
    ]).flat(),
  ],
  [
    'that is interrupted, and goes on',
    async (run) => {
      const state = { round: 0, seen: [] as unknown[] };
      while (state.round < 6) {
        await run.checkpoint(state, 'c');
        state.seen.push(await run.step('work', [state.round++]).catch((error: Error) => error.name));
      }
      return state.seen;
    },
    [...work(3), cancelRequested, completed('work#5', 5), completed('work#6', 6)],
  ],
  [
    'that times out, and goes on',
    async (run) => {
      const state = { round: 0, seen: [] as unknown[] };
      while (state.round < 5) {
        await run.checkpoint(state, 'c');
        state.seen.push(await run.step('work', [state.round++]).catch((error: Error) => error.name));
      }
      return state.seen;
    },
    [...work(3), timedOut, completed('work#5', 5)],
  ],
  ['whose hook is read as it comes', reading(4), [...inbox(0), ...[1, 2, 3, 4].flatMap((n) => [...inbox(n), note(n)])]],
  [
    'whose hook is ahead, and is read later',
    reading(5),
    [inbox(0, 1, 2, 3), note(1), inbox(4), note(2), note(3), note(4), inbox(5), note(5)],
  ],
  [
    'whose hook expires, and is read to its end',
    reading(5),
    [inbox(0, 1), note(1), inbox(2), [...inbox(3), expired('inbox#1')], note(2), note(3), note(4), note(5)],
  ],
  ['whose hook has never opened', reading(3), [conflicted('inbox#1'), note(1), note(2), note(3)]],
  [
    'that closes its hook, and reads it to its end',
    reading(5, (_run, { round }) => (round === 3 ? 'close' : 'go on')),
    [inbox(0, 1, 2), note(1), inbox(3, 4), note(2), note(3), note(4), note(5)],
  ],
  [
    'that ends in another with the same hook',
    async (run) => {
      const votes = run.hook<number>('inbox', { multiple: true });
      const payloads = votes[Symbol.asyncIterator]();
      const state = { round: 0, sum: 0 };
      while (state.round++ < 3) {
        await run.checkpoint(state, 'a');
        state.sum += (await payloads.next()).value as number;
      }
      votes.close();
      const rest = { round: 0, sum: state.sum };
      while (rest.round++ < 3) {
        await run.checkpoint(rest, 'b');
        rest.sum += ((await payloads.next()).value as number | undefined) ?? 100;
        await run.step('note', [rest.sum]);
      }
      return rest.sum;
    },
    [inbox(1, 2, 3, 4, 5), note(1), note(2), note(3)],
  ],
  [
    'in another',
    async (run) => {
      const outer = { round: 0, seen: [] as unknown[] };
      while (outer.round < 3) {
        await run.checkpoint(outer, 'outer');
        const hook = run.hook<number>('inbox', { multiple: true });
        const inner = { round: 0, seen: [] as unknown[] };
        while (inner.round < 3) {
          await run.checkpoint(inner, 'inner');
          inner.round += 1;
          inner.seen.push(await run.step('work', [outer.round, inner.round, run.random()]));
        }
        outer.seen.push(...inner.seen);
        hook.close();
        outer.round += 1;
      }
      return outer.seen;
    },
    work(9),
  ],
  [
    'behind another',
    async (run) => {
      const first = { round: 0 };
      while (first.round < 3) {
        await run.checkpoint(first, 'first');
        await run.step('work', [first.round++]);
      }
      const second = { round: 0, of: first.round };
      while (second.round < 3) {
        await run.checkpoint(second, 'second');
        await run.step('work', [second.of, second.round++]);
      }
      return second;
    },
    work(6),
  ],
  [
    'whose steps are tried again, and ask for a person',
    summing(4),
    [
      retrying('work#1', 1),
      completed('work#1', 5, 2),
      exhausted('work#2', 1),
      resumed,
      retrying('work#2', 2),
      completed('work#2', 6, 3),
      retrying('work#3', 1),
      completed('work#3', 7, 2),
      completed('work#4', 8),
    ],
  ],
  [
    'behind a shield that keeps a cancellation off',
    async (run) => {
      const sum = await shield(run, async () => (await summing(5)(run)) as unknown as { total: number });
      return run.step('after', [sum.total]).catch((error: Error) => error.name);
    },
    [...work(2), cancelRequested, ...work(5).slice(2)],
  ],
  [
    'in a part that cancels itself behind a shield',
    async (run) => {
      const part = partOf(run, async () => {
        const state = { round: 0 };
        await shield(run, async () => {
          while (state.round < 5) {
            await run.checkpoint(state, 'c');
            await run.step('work', [state.round++]);
            if (state.round === 2) part.cancel();
          }
        });
        return run.step('after', []).catch((error: Error) => error.name);
      });
      return part.result;
    },
    work(5),
  ],
];

describe('a loop', () => {
  test.each(scenarios)('%s goes on the same from wherever it is compacted', async (_name, workflow, outcomes) => {
    const { history: all, execution } = await livedThrough(workflow, outcomes);
    expect(execution.isSettled).toBe(true);
    let gone = 0;
    for (let stored = 2; stored < all.length; stored++) {
      const history = all.slice(0, stored);
      const rest = all.slice(stored);
      const points = history.flatMap(({ type, sequence }) => (type === 'checkpoint.saved' ? [sequence] : []));
      const compacted = [history, ...points.map((point) => compactedHistory(history, point))];
      compacted.push(
        compactedHistory(history, ...points),
        compactedHistory(history, ...points.filter((_, i) => i % 2)),
      );
      for (const each of compacted) {
        gone = Math.max(gone, history.length - each.length);
        const { transcript } = await goOnFrom(workflow, each, rest);
        expect(transcript).toEqual(rest.map(draftOf));
      }
    }
    expect(gone).toBeGreaterThan(1);
  });

  test('whose history is compacted is as long as one round of it', async () => {
    const { history: all } = await livedThrough(summing(50), work(49));
    const stored = compactedHistory(all, all.length);
    expect(types(stored)).toEqual(['workflow.started', 'history.compacted', 'checkpoint.saved', 'step.scheduled']);
    const seen: unknown[] = [];
    const run = await TestRun.replay(async (run) => {
      const step = run.step.bind(run);
      run.step = (name, args) => (seen.push(args), step(name, args));
      return summing(50)(run);
    }, stored);
    await run.activate(completed('work#50', 49));
    expect(run.result).toEqual({ round: 50, total: 1225 });
    expect(seen).toEqual([[49, 1176]]);
  });

  test('is known to be behind the checkpoint that it has gone on from', async () => {
    const { history: all } = await livedThrough(summing(4), work(3));
    const hanging: TestWorkflow = async (run) => {
      await run.checkpoint({}, 'sum');
      await new Promise(() => {});
    };
    const upToCheckpoint = all.slice(0, all.findLastIndex(({ type }) => type === 'checkpoint.saved') + 1);
    const stored = compactedHistory(upToCheckpoint, upToCheckpoint.length);
    const { execution } = await TestRun.replay(hanging, stored);
    expect(execution.log.lastCommand).toMatchObject({ type: 'checkpoint.saved', id: 'sum#4' });
  });

  test('of another name does not take its place', async () => {
    const { history: all } = await livedThrough(summing(4), work(3));
    const renamed: TestWorkflow = async (run) => {
      await run.checkpoint({}, 'other');
    };
    const stored = compactedHistory(all, all.length);
    await expect(TestRun.replay(renamed, stored, { traceCommands: true })).rejects.toThrow(
      /event 10 recorded checkpoint sum#1, but the code asked for checkpoint other#1 \(.*checkpoint\.spec/,
    );
    await expect(TestRun.replay(renamed, all)).rejects.toThrow(/event 2 recorded checkpoint sum#1, but/);
  });

  test('that a deploy has taken out is missed', async () => {
    const { history: all } = await livedThrough(summing(4), work(3));
    const without: TestWorkflow = (run) => run.step('work', [0, 0]);
    await expect(TestRun.replay(without, compactedHistory(all, all.length))).rejects.toThrow(
      /recorded checkpoint sum#1, but the code asked for step work#1/,
    );
  });

  test('holds what its history still has, however often it is compacted', async () => {
    const { history: all } = await livedThrough(summing(6), work(5));
    const full = stateOf(all);
    expect([full.held, full.superseded.count]).toEqual([all.length, 15]);
    const stored = compactedHistory(all, 8, 14, all.length);
    const state = stateOf(stored);
    expect([state.held, state.superseded.count]).toEqual([stored.length, 0]);
    const compacts = full.superseded.compact(all.length);
    full.superseded.forget(all.length, compacts);
    expect([full.held, full.superseded.count]).toEqual([stored.length, 0]);
    expect(full.superseded.compact(all.length)).toEqual([]);
  });

  test('counts attempts that were compacted before as one', async () => {
    const attempts = times(5, (index) => retrying('work#1', index + 1));
    const { history: all } = await livedThrough(summing(3), [
      ...attempts,
      completed('work#1', 1, 6),
      ...work(2).slice(1),
    ]);
    const early = compactedHistory(all.slice(0, 8), 8);
    expect(early.length).toBe(5);
    const stored = [...early, ...all.slice(8)];
    const state = stateOf(stored);
    expect(state.held).toBe(stored.length);
    const compacts = state.superseded.compact(all.length);
    state.superseded.forget(all.length, compacts);
    expect(state.held).toBe(compactedHistory(stored, all.length).length);
    expect(state.superseded.count).toBe(0);
  });

  test('is compacted up to a checkpoint that is stored, be there a later one that is not', async () => {
    const { history: all } = await livedThrough(summing(5), work(4));
    const [, , third] = all.flatMap(({ type, sequence }) => (type === 'checkpoint.saved' ? [sequence] : []));
    const state = stateOf(all);
    const compacts = state.superseded.compact(third!);
    expect(compacts).toMatchObject([{ sequence: third! - 1, attributes: { from: 2, checkpoint: 'sum#1' } }]);
    state.superseded.forget(third!, compacts);
    expect(state.superseded.count).toBe(6);
  });

  test('is compacted by those who write it, and not before', async () => {
    const { history: all } = await livedThrough(summing(4), work(3));
    const state = stateOf(all);
    state.superseded.forget(3, []);
    expect(state.superseded.count).toBe(9);
  });

  test('has read the payloads of hooks that its checkpoint does not speak of', () => {
    const opened: EventDraft = { type: 'hook.created', id: 'inbox#1', attributes: { token: 't', multiple: true } };
    const rounds = [saved('c#1', {}, { counts: {} }), ...inbox(1), saved('c#2', {}, { counts: {} })];
    const stored = compactedHistory(history([started(), opened, ...rounds]), 9);
    expect(types(stored).slice(2)).toEqual(['history.compacted', 'checkpoint.saved']);
  });

  test('without any later round is not compacted', async () => {
    const { history: all } = await livedThrough(summing(5), []);
    expect(stateOf(all).superseded.compact(all.length)).toEqual([]);
  });

  test('is not compacted behind a cancellation', async () => {
    const [, workflow, outcomes] = scenarios.find(([name]) => name === 'that is interrupted, and goes on')!;
    const { history: all } = await livedThrough(workflow, outcomes);
    const stored = compactedHistory(all, all.length);
    const cancelled = all.findIndex(({ type }) => type === 'workflow.cancel_requested');
    expect(types(stored).slice(0, 3)).toEqual(['workflow.started', 'checkpoint.saved', 'step.scheduled']);
    expect(types(compactedHistory(all.slice(0, cancelled), cancelled))[1]).toBe('history.compacted');
  });
});

describe('what comes while a replay is ahead of its history', () => {
  test('counts at the checkpoint that it asks for', async () => {
    const workflow: TestWorkflow = async (run) => {
      const payloads = run.hook<number>('inbox', { multiple: true })[Symbol.asyncIterator]();
      const state = { round: 0, read: [] as unknown[] };
      while (state.round++ < 3) {
        await ordinaryIo(8);
        await run.checkpoint(state, 'c');
        state.read.push((await payloads.next()).value);
      }
      return state.read;
    };
    const run = await TestRun.start(workflow);
    await ordinaryIo(9);
    await run.activate(...inbox(1));
    const late = await run.activate(...inbox(2)); // before the ordinary await is over, its process dies
    expect(types(late)).toEqual(['hook.received']);
    const again = await TestRun.replay(workflow, run.history, { patience: patience(20) });
    for (let turn = 0; turn < 4; turn++) {
      await ordinaryIo(10);
      await again.activate();
    }
    await again.activate(...inbox(3));
    expect(again.result).toEqual([1, 2, 3]);
  });
});
