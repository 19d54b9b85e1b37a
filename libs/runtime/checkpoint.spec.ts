import { type EventRepository, InvalidInputError } from '../core/index.js';
import { checkpoint } from './checkpoint.js';
import { getCurrentContext, type WorkflowContext } from './context.js';
import { createHook, random, sleep } from './primitives.js';
import { Code, kill, World } from './runtime.spec-helpers.js';

/** Rounds of a step and a wait, for ever; what the step was called with is noted. */
function endless(): { readonly code: Code; readonly calls: [round: number, chance: number][] } {
  const calls: [number, number][] = [];
  const code = new Code();
  const work = code.step('work', (round: number, chance: number) => calls.push([round, chance]));
  code.workflow('endless', async () => {
    const factor = await first();
    const state = { round: 0 };
    for (;;) {
      await checkpoint(state);
      await work(state.round * factor, random());
      state.round += 1;
      await sleep('1s');
    }
  });
  const first = code.step('first', () => 1);
  return { code, calls };
}

/** How many events are read of a store from now on. */
function countReads(events: EventRepository): { count: number } {
  const reads = { count: 0 };
  const load = events.load.bind(events);
  events.load = async (...page) => {
    const loaded = await load(...page);
    reads.count += loaded.length;
    return loaded;
  };
  return reads;
}

describe('a loop with checkpoints', () => {
  it('goes on in another process in the right round, which reads a few events', async () => {
    const world = new World();
    const { code, calls } = endless();
    const limits = { compactAfter: 50, eventWarning: 150, eventLimit: 200 };
    const first = await world.boot(code, limits);
    const { runId } = await first.startRun({ workflow: 'endless', args: [] });
    await world.advance(300_500);
    kill(first);
    const before = calls.length;
    expect(before).toBeGreaterThan(290);
    const reads = countReads(world.store.events);
    await world.boot(code, limits);
    await world.advance(60_000);
    expect(reads.count).toBeLessThan(100);
    expect(calls.length).toBeGreaterThan(before + 30);
    expect(calls.map(([round]) => round)).toEqual(calls.map((_, index) => index));
    expect(new Set(calls.map(([, chance]) => chance)).size).toBe(calls.length);
    expect(world.logs).toEqual([]);
    const history = await world.store.events.load(runId, 0, 1_000);
    expect(history.at(-1)?.sequence).toBeGreaterThan(1_200);
    expect(history.length).toBeLessThan(100);
  });

  it('replays all of its rounds if nothing is to be compacted', async () => {
    const world = new World();
    const { code, calls } = endless();
    const first = await world.boot(code, { compactAfter: Infinity });
    await first.startRun({ workflow: 'endless', args: [] });
    await world.advance(20_500);
    kill(first);
    const reads = countReads(world.store.events);
    await world.boot(code, { compactAfter: Infinity });
    await world.advance(40_000);
    expect(reads.count).toBeGreaterThan(80);
    expect(calls.map(([round]) => round)).toEqual(calls.map((_, index) => index));
  });

  it('ends when it is cancelled, also behind a restart', async () => {
    const world = new World();
    const { code } = endless();
    const first = await world.boot(code, { compactAfter: 10 });
    const { runId } = await first.startRun({ workflow: 'endless', args: [] });
    await world.advance(30_500);
    kill(first);
    const second = await world.boot(code, { compactAfter: 10 });
    await world.advance(20_000);
    await second.cancel(runId);
    await world.advance(1_000);
    expect(await world.status(runId)).toBe('cancelled');
  });

  it('takes what is delivered between its rounds, each payload once', async () => {
    const world = new World();
    const code = new Code();
    const seen: unknown[] = [];
    const note = code.step('note', (value: unknown) => seen.push(value));
    code.workflow('entity', async () => {
      const state = { count: 0 };
      const inbox = createHook<number>({ token: 'entity-1', multiple: true });
      for await (const value of inbox) {
        await note(value);
        state.count += 1;
        await checkpoint(state);
      }
    });
    const options = { compactAfter: 5, sessionIdleMs: 0 };
    let process = await world.boot(code, options);
    await process.startRun({ workflow: 'entity', args: [] });
    for (let value = 0; value < 60; value++) {
      await process.deliverHook('entity-1', value);
      if (value % 3 === 0) await world.advance(100);
      if (value % 20 !== 19) continue;
      kill(process);
      process = await world.boot(code, options);
      await world.advance(20_000);
    }
    expect(seen).toEqual(Array.from({ length: 60 }, (_, value) => value));
  });
});

describe('checkpoint()', () => {
  async function messageOf(call: () => unknown): Promise<unknown> {
    const world = new World();
    const code = new Code();
    code.workflow('once', async () => {
      try {
        return await call();
      } catch (error) {
        return [error instanceof InvalidInputError, (error as Error).message];
      }
    });
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'once', args: [] });
    await world.advance(100);
    return process.result(runId);
  }

  const plain = [true, 'checkpoint() takes a plain object, which it can change.'];
  it.each<[string, () => unknown, unknown]>([
    ['a number', () => checkpoint(5 as never), plain],
    ['a list', () => checkpoint([]), plain],
    ['an instance', () => checkpoint(new Date()), plain],
    ['a frozen object', () => checkpoint(Object.freeze({})), plain],
    [
      'a name with "#"',
      () => checkpoint({}, { name: 'a#1' }),
      [true, expect.stringMatching('The name of a checkpoint')],
    ],
    ['another option', () => checkpoint({}, { nam: 'a' } as never), [true, expect.stringMatching('It has: name')]],
    ['what cannot be stored', () => checkpoint({ a: { f: () => 1 } }), [false, expect.stringMatching(/state\.a\.f/)]],
  ])('says what is wrong with %s', async (_what, call, expected) => {
    expect(await messageOf(call)).toEqual(expected);
  });

  it('is a method of the context too, and of objects without a prototype', async () => {
    const state = Object.assign(Object.create(null) as object, { a: 1 });
    const call = async (): Promise<unknown> => {
      await getCurrentContext().checkpoint(state, { name: 'own' });
      return (getCurrentContext() as WorkflowContext).kind;
    };
    expect(await messageOf(call)).toBe('workflow');
  });

  it('is refused in a step, and outside of workflows', async () => {
    const world = new World();
    const code = new Code();
    const step = code.step('step', () =>
      getCurrentContext()
        .checkpoint({})
        .catch((error: Error) => error.message),
    );
    code.workflow('once', () => step());
    const process = await world.boot(code);
    const { runId } = await process.startRun({ workflow: 'once', args: [] });
    await world.advance(100);
    expect(await process.result(runId)).toBe(
      'checkpoint() was called inside step "step"; it works in workflow code only.',
    );
    await expect(checkpoint({})).rejects.toThrow('outside a workflow');
  });
});
