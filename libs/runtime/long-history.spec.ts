import type { HistoryEvent } from '../core/index.js';
import { MemoryStore } from '../memory/index.js';
import { sleep } from './primitives.js';
import { readHistory } from './read-history.js';
import { Code, kill, type TestProcess, World } from './runtime.spec-helpers.js';

/** As many steps as wanted, then a wait. Tells how many results its code has been given. */
function longRun(steps: number): { readonly code: Code; seen: number } {
  const run = { code: new Code(), seen: 0 };
  const step = run.code.step('step', () => 1);
  run.code.workflow('long', async () => {
    for (let count = 0; count < steps; count++) {
      await step();
      run.seen += 1;
    }
    await sleep('1m');
  });
  return run;
}

async function started(process: TestProcess, workflow: string): Promise<string> {
  const { runId } = await process.startRun({ workflow, args: [] });
  return runId;
}

describe('the limits of a history', () => {
  const limits = { eventWarning: 1_000, eventLimit: 1_200 };
  const warnings = (world: World): string[] => world.logs.filter((line) => /holds \d+ events/.test(line));

  function endless(): Code {
    const code = new Code();
    const step = code.step('step', () => 1);
    code.workflow('endless', async () => {
      for (;;) await step();
    });
    return code;
  }

  it('are warned about, again and again, and end the run with what to do', async () => {
    const world = new World();
    const process = await world.boot(endless(), limits);
    const runId = await started(process, 'endless');
    await expect(process.result(runId)).rejects.toThrow(/1200 events, and at most 1200 are allowed.*checkpoint.*runs/);
    expect(warnings(world)).toHaveLength(3);
    expect(warnings(world)[0]).toMatch(/1000 events, and it fails at 1200: call checkpoint\(\) in its loop, split/);
  });

  it('hold for a run that goes on in another process', async () => {
    const world = new World();
    let isHeldUp = true;
    const code = new Code();
    const step = code.step('step', () => 1);
    code.workflow('endless', async () => {
      for (let count = 1; ; count++) {
        if (count === 575 && isHeldUp) await new Promise(() => {});
        await step();
      }
    });
    const first = await world.boot(code, limits);
    const runId = await started(first, 'endless');
    while (warnings(world).length < 2) await world.advance(0);
    kill(first);
    isHeldUp = false;
    const second = await world.boot(code, limits);
    await world.advance(60_000);
    await expect(second.result(runId)).rejects.toThrow(/1200 events/);
    expect(warnings(world).map((line) => /holds (\d+)/.exec(line)?.[1])).toEqual(['1000', '1100', '1200']);
  });
});

describe('a long history', () => {
  it('is held in memory two pages at most while it is replayed', async () => {
    const world = new World();
    const { store } = world;
    const run = longRun(2_000);
    const first = await world.boot(run.code);
    await started(first, 'long');
    while (run.seen < 2_000) await world.advance(0);
    kill(first);

    run.seen = 0;
    const held: number[] = [];
    const load = store.events.load.bind(store.events);
    store.events.load = async (runId, after, limit) => {
      // All up to `after` has been read: what the code has not seen yet is in memory, and this page is to come.
      held.push(after - 2 * run.seen + limit);
      return load(runId, after, limit);
    };
    await world.boot(run.code);
    await world.advance(60_000);
    expect(run.seen).toBe(2_000);
    expect(held.length).toBeGreaterThan(4);
    const noResults = 2; // the start, and the step that is under way
    expect(Math.max(...held)).toBeLessThanOrEqual(2 * 1_000 + noResults);
  });

  it('blocks the run if events are missing', async () => {
    const store = new MemoryStore();
    store.events.load = async () => [];
    await expect(readHistory(store.events, { runId: 'r1', sequence: 3 }).next()).rejects.toThrow(
      'The history of run r1 ends at event 0, though its row says 3: the store has lost events. Restore them from a backup, then resume the run.',
    );
  });

  it('is read in pages that are the shorter the larger its events are', async () => {
    const store = new MemoryStore();
    const limits: number[] = [];
    const payload = JSON.stringify('x'.repeat(100 * 1024));
    store.events.load = async (_runId, after, limit) => {
      limits.push(limit);
      return Array.from({ length: limit }, (_, index) => stepCompleted(after + index + 1, payload));
    };
    for await (const page of readHistory(store.events, { runId: 'r1', sequence: 200 })) void page;
    expect(limits.slice(0, 3)).toEqual([100, 10, 10]);
  });
});

function stepCompleted(sequence: number, payload: string): HistoryEvent {
  return { sequence, at: 1, type: 'step.completed', id: `a#${sequence}`, payload, attributes: { attempt: 1 } };
}

describe('a run whose steps are tried again and again', () => {
  /** Two steps: one that fails many times, and then one that asks for time. */
  function stubborn(failures: number): Code {
    const code = new Code();
    let tries = 0;
    const retry = { maxRetries: 10_000, backoff: '1s' } as const;
    const step = code.step(
      'poll',
      () => {
        tries += 1;
        if (tries % (failures + 1) > 0) throw new Error(`not yet: ${tries}`);
        return tries;
      },
      { retry },
    );
    code.workflow('stubborn', async () => {
      const first = await step();
      await sleep('20s');
      return [first, await step()];
    });
    return code;
  }

  const events = (world: World, runId: string) => world.store.events.load(runId, 0, 1_000);

  it('has a history that stays short, and goes on from it in another process', async () => {
    const world = new World();
    const options = { compactAfter: 8 };
    const first = await world.boot(stubborn(24), options);
    const runId = await started(first, 'stubborn');
    await world.advance(14_000);
    kill(first);
    const code = stubborn(24);
    const second = await world.boot(code, options);
    await world.advance(45_000);
    const history = await events(world, runId);
    const run = await world.store.runs.get(runId);
    expect(history.at(-1)?.sequence).toBe(run?.sequence);
    expect(history.length).toBeLessThan(20);
    const compacted = history.flatMap((event) => (event.type === 'history.compacted' ? [event] : []));
    expect(compacted.length).toBeGreaterThan(1);
    const { attributes } = history.find(({ type }) => type === 'step.completed') as { attributes: { attempt: number } };
    const told = compacted.flatMap(({ attributes: { calls } }) => Object.values(calls));
    const attempts = told.reduce((sum, { failures, lost, handedBack }) => sum + failures + lost + handedBack, 0);
    const kept = history.filter(({ type }) => type === 'step.retrying' || type === 'step.lost').length;
    expect(attempts + kept + 1).toBe(attributes.attempt);
    await world.advance(60_000);
    expect(await second.result(runId)).toEqual([25, 50]);
  });

  it('is counted by what its history still holds', async () => {
    const world = new World();
    const limits = { compactAfter: 10, eventWarning: 60, eventLimit: 100 };
    const process = await world.boot(stubborn(200), limits);
    const runId = await started(process, 'stubborn');
    await world.advance(250_000);
    expect(await world.status(runId)).toBe('suspended');
    expect((await events(world, runId)).at(-1)?.sequence).toBeGreaterThan(200);
    expect(world.logs.filter((line) => /holds \d+ events/.test(line))).toEqual([]);
  });

  it('keeps every event if it is told so', async () => {
    const world = new World();
    const process = await world.boot(stubborn(20), { compactAfter: Infinity });
    const runId = await started(process, 'stubborn');
    await world.advance(60_000);
    const history = await events(world, runId);
    expect(history.map(({ sequence }) => sequence)).toEqual(history.map((_, index) => index + 1));
    expect(history.length).toBeGreaterThan(20);
  });
});
