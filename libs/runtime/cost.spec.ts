import { createHook } from 'node:async_hooks';
import { sleep } from './primitives.js';
import { Code, settle, World } from './runtime.spec-helpers.js';

/** How many promises are made meanwhile. */
async function promisesOf(work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'PROMISE') count += 1;
    },
  });
  hook.enable();
  await work();
  hook.disable();
  return count;
}

// Node 20 and 22 pay for each promise while AsyncLocalStorage is in use, and each is garbage.
it('makes few promises for each step of a run', async () => {
  const world = new World();
  const code = new Code();
  const add = code.step('add', async (n: number) => n + 1);
  code.workflow('loop', async (times: number) => {
    let value = 0;
    while (value < times) value = await add(value);
    return value;
  });
  const process = await world.boot(code);
  const run = async (steps: number): Promise<void> => {
    const { runId } = await process.startRun({ workflow: 'loop', args: [steps] });
    expect(await process.result(runId)).toBe(steps);
    await settle();
  };
  const [few, many] = [await promisesOf(() => run(10)), await promisesOf(() => run(110))];
  expect((many - few) / 100).toBeLessThanOrEqual(16);
});

// Thousands may be asked for at once, and each collection copies what they wait with.
it('makes few promises for each result that is there already', async () => {
  const world = new World();
  const code = new Code();
  code.workflow('quick', async () => 'done');
  const process = await world.boot(code);
  const { runId } = await process.startRun({ workflow: 'quick', args: [] });
  expect(await process.result(runId)).toBe('done');
  const results = (count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, () => process.result(runId)));
  const [few, many] = [await promisesOf(() => results(10)), await promisesOf(() => results(110))];
  expect((many - few) / 100).toBeLessThanOrEqual(3);
});

it('makes three promises for each step that is replayed: one that is awaited, the await, and one to go on behind it', async () => {
  const world = new World();
  const code = new Code();
  const add = code.step('add', async (n: number) => n + 1);
  let reached = 0;
  code.workflow('loop', async (times: number) => {
    let value = 0;
    while (value < times) value = await add(value);
    reached = value;
    await sleep('1h');
  });
  const replayed = async (steps: number): Promise<number> => {
    const first = await world.boot(code);
    reached = 0;
    const { runId } = await first.startRun({ workflow: 'loop', args: [steps] });
    while (reached < steps) await settle();
    await first.stop();
    reached = 0;
    const second = await world.boot(code);
    const count = await promisesOf(async () => {
      second.activator.wake(runId);
      await settle();
    });
    expect(reached).toBe(steps);
    await second.stop();
    return count;
  };
  // Both within one page, as each page takes promises of its own.
  const [few, many] = [await replayed(50), await replayed(150)];
  expect((many - few) / 100).toBeLessThan(3.2);
});
