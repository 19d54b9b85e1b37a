/// <reference types="jest" />
import type { WorkflowQueue } from '../core/index.js';
import { Gate, roundTrip, untilLength, type QueueFixture } from './queue-contract-makers.js';

/** Hands in step calls with these ids. */
type DispatchAll = (queue: WorkflowQueue, ids: readonly string[], name?: string) => Promise<void>;

/** When step calls begin, in whatever way they are handed in. */
export function describeTurns(current: () => QueueFixture, dispatchAll: DispatchAll): void {
  it('begin in the order of dispatch', async () => {
    const queue = await current().connect();
    const ids = Array.from({ length: 20 }, (_, index) => `s#${index}`);
    await dispatchAll(queue, ids);
    const taken: string[] = [];
    await queue.consumeSteps({ concurrency: 1 }, async ({ id }) => void taken.push(id));
    await untilLength(taken, 20);
    expect(taken).toEqual(ids);
  });

  it('wait beyond the concurrency of the process', async () => {
    const queue = await current().connect();
    const gate = new Gate();
    await queue.consumeSteps({ concurrency: 2 }, ({ id }) => gate.pass(id));
    await dispatchAll(queue, ['a', 'b', 'c', 'd', 'e']);
    for (const length of [2, 4]) {
      await untilLength(gate.started, length);
      await roundTrip(current());
      expect(gate.started).toHaveLength(length);
      gate.release();
    }
    await untilLength(gate.started, 5);
    gate.open();
  });

  it('wait beyond a rate limit', async () => {
    const queue = await current().connect();
    const taken: string[] = [];
    const rateLimit = { max: 2, durationMs: 600_000 };
    await queue.consumeSteps({ queue: 'slow', concurrency: 5, rateLimit }, async ({ id }) => void taken.push(id));
    await dispatchAll(queue, ['a', 'b', 'c', 'd'], 'slow');
    await untilLength(taken, 2);
    await roundTrip(current());
    expect(taken).toEqual(['a', 'b']);
  });
}
