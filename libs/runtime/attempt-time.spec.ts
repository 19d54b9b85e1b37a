import type { HistoryEvent } from '../core/index.js';
import { cluster, orchestrator, worker } from './cluster.spec-helpers.js';
import { Code, started } from './runtime.spec-helpers.js';

const attributesOf = (events: readonly HistoryEvent[]): unknown[] =>
  events.map((event) => ('attributes' in event ? event.attributes : undefined));

describe('the outcome of an attempt', () => {
  it('says how long it ran, unless that was less than a millisecond', async () => {
    const { world, store } = cluster();
    const code = new Code();
    const step = code.step(
      'step',
      async (ms: number) => {
        await new Promise<void>((resolve) => world.clock.schedule(world.clock.now() + ms, resolve));
        if (ms === 20) throw new Error('no');
      },
      { retry: { maxRetries: 1, backoff: 5 } },
    );
    code.workflow('w', async () => {
      await step(0);
      await step(7);
      await step(20).catch(() => {});
    });
    const holder = await world.boot(code, orchestrator);
    await world.boot(code, worker);
    const runId = await started(holder);
    await world.advance(60_000);
    expect(await holder.result(runId)).toBe(undefined);
    const events = await store.events.load(runId, 0, 100);
    expect(attributesOf(events.filter(({ type }) => /^step\.[cfr]/.test(type)))).toEqual([
      { attempt: 1 },
      { attempt: 1, tookMs: 7 },
      { attempt: 1, tookMs: 20, retryAt: expect.any(Number) },
      { attempt: 2, tookMs: 20 },
    ]);
  });

  it('says so in one process as well', async () => {
    const { world, store } = cluster();
    const code = new Code();
    const step = code.step('step', () => new Promise<void>((resolve) => world.clock.schedule(1_000_030, resolve)));
    code.workflow('w', () => step());
    const holder = await world.boot(code);
    await started(holder);
    await world.advance(100);
    expect(attributesOf(await store.events.load('run', 2, 1))).toEqual([{ attempt: 1, tookMs: 30 }]);
  });
});
