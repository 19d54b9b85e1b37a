import { cluster, LEASE, orchestrator, worker } from './cluster.spec-helpers.js';
import type { EngineOptions } from './index.js';
import { Code, kill, started } from './runtime.spec-helpers.js';

/** How long the calls of a step were expected to run, one after another, in a worker that is quick. */
async function expectedMs(calls: number, queue?: string, options: Partial<EngineOptions> = {}) {
  const { world, queue: shared } = cluster();
  const code = new Code();
  const step = code.step('step', () => 'done', queue === undefined ? {} : { queue });
  code.workflow('w', async () => {
    for (let call = 0; call < calls; call++) await step();
  });
  const holder = await world.boot(code, { ...orchestrator, ...options });
  await world.boot(code, worker);
  await holder.result(await started(holder));
  return shared.expectedMs;
}

describe('a step call in another process', () => {
  it('is expected to run for as long as the slowest calls lately, by what their outcomes say', async () => {
    const expected = await expectedMs(100);
    expect(expected.slice(0, 3)).toEqual([1_000, 900, 810]);
    expect(expected[99]).toBeLessThan(0.1);
  });

  it('is expected to be slow after one that was, be it that it failed', async () => {
    const { world, queue } = cluster();
    const code = new Code();
    let calls = 0;
    const step = code.step('step', async () => {
      if (++calls !== 2) return;
      await new Promise<void>((resolve) => world.clock.schedule(world.clock.now() + 40_000, resolve));
      throw new Error('too many at once');
    });
    code.workflow('w', async () => {
      for (let call = 0; call < 3; call++) await step();
    });
    const holder = await world.boot(code, orchestrator);
    await world.boot(code, worker);
    const runId = await started(holder);
    await world.advance(120_000);
    expect(await holder.result(runId)).toBe(undefined);
    expect(queue.expectedMs).toEqual([1_000, 900, 40_000, 36_000]);
  });

  it('travels alone if its process has died once, since it may be why', async () => {
    const { world, queue } = cluster();
    const code = new Code();
    const step = code.step('step', () => new Promise<void>(() => {}));
    code.workflow('w', () => step());
    const holder = await world.boot(code, orchestrator);
    const first = await world.boot(code, worker);
    await started(holder);
    kill(first);
    await world.boot(code, worker);
    await world.advance(2 * LEASE);
    expect(queue.dispatched.map(({ attempt, lost }) => [attempt, lost])).toEqual([
      [1, 0],
      [2, 1],
    ]);
    expect(queue.expectedMs).toEqual([1_000, undefined]);
  });

  it('travels alone when it is handed out again, so that it is one message however often that is', async () => {
    const { world, queue } = cluster();
    const code = new Code();
    const step = code.step('step', () => 'done');
    code.workflow('w', () => step());
    await started(await world.boot(code, orchestrator));
    await world.advance(50_000);
    expect(queue.dispatched.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
    expect(queue.expectedMs).toEqual([1_000, undefined, undefined]);
  });

  it('travels alone in a queue with a limit of rate, which counts messages', async () => {
    const queueRateLimits = new Map([['mail', { max: 1, durationMs: 10 }]]);
    expect(await expectedMs(2, 'mail', { queueRateLimits })).toEqual([undefined, undefined]);
    expect(await expectedMs(2, 'mail')).toEqual([1_000, 900]);
  });
});
