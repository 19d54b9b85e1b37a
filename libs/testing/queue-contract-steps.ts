/// <reference types="jest" />
import type { StepTask, WorkflowQueue } from '../core/index.js';
import { Gate, roundTrip, task, untilLength, type QueueFixture } from './queue-contract-makers.js';
import { describeTurns } from './queue-contract-turns.js';

export function describeSteps(current: () => QueueFixture): void {
  it('are handed over once, with all that is known of them', async () => {
    const queue = await current().connect();
    const taken: StepTask[] = [];
    await queue.consumeSteps({ concurrency: 5 }, async (next) => void taken.push(next));
    const given = task('charge#1', { attempt: 3, failures: 1, lost: 1, tags: ['a', 'b'], fence: 7 });
    await queue.dispatch(given);
    await untilLength(taken, 1);
    await roundTrip(current());
    expect(taken).toEqual([given]);
  });

  it('with large arguments are handed over, with or without them', async () => {
    const queue = await current().connect();
    const taken: StepTask[] = [];
    await queue.consumeSteps({ concurrency: 5 }, async (next) => void taken.push(next));
    const payload = JSON.stringify(['x'.repeat(1_000_000)]);
    await queue.dispatch(task('charge#1', { payload }));
    await untilLength(taken, 1);
    expect([payload, undefined]).toContain(taken[0]?.payload);
    expect({ ...taken[0], payload }).toEqual(task('charge#1', { payload }));
  });

  describe('that are dispatched again', () => describeRepetition(current));
  describe('one by one', () => describeTurns(current, dispatchEach));
  describe('are held back', () => describeLimits(current));
}

async function dispatchEach(queue: WorkflowQueue, ids: readonly string[], name?: string): Promise<void> {
  for (const id of ids) await queue.dispatch(task(id), name);
}

function describeLimits(current: () => QueueFixture): void {
  it('in queues of their own, each with its own concurrency', async () => {
    const queue = await current().connect();
    const gate = new Gate();
    await queue.consumeSteps({ concurrency: 1 }, ({ id }) => gate.pass(id));
    await queue.consumeSteps({ queue: 'gpu', concurrency: 1 }, ({ id }) => gate.pass(`gpu ${id}`));
    await queue.dispatch(task('a'));
    await queue.dispatch(task('b'));
    await queue.dispatch(task('c'), 'gpu');
    await untilLength(gate.started, 2);
    await roundTrip(current());
    expect([...gate.started].sort()).toEqual(['a', 'gpu c']);
    gate.open();
    await untilLength(gate.started, 3);
  });

  it('by a rate limit no longer than it says', async () => {
    const queue = await current().connect();
    const taken: string[] = [];
    const rateLimit = { max: 2, durationMs: 20 };
    await queue.consumeSteps({ queue: 'slow', concurrency: 5, rateLimit }, async ({ id }) => void taken.push(id));
    for (const id of ['a', 'b', 'c', 'd', 'e']) await queue.dispatch(task(id), 'slow');
    await untilLength(taken, 5);
    // A job that is held back may be passed by the next one.
    expect(taken.sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
}

function describeRepetition(current: () => QueueFixture): void {
  it('while they wait are one', async () => {
    const queue = await current().connect();
    const taken: string[] = [];
    for (const id of ['a', 'b', 'a']) await queue.dispatch(task(id));
    await Promise.all([queue.dispatch(task('a')), queue.dispatch(task('b'))]);
    await queue.consumeSteps({ concurrency: 1 }, async ({ id }) => void taken.push(id));
    await untilLength(taken, 2);
    await roundTrip(current());
    expect(taken).toEqual(['a', 'b']);
  });

  it('for another attempt, call or run are others', async () => {
    const queue = await current().connect();
    const given = [task('a'), task('a', { attempt: 2 }), task('b'), task('a', { runId: 'r2' })];
    for (const next of given) await queue.dispatch(next);
    const taken: StepTask[] = [];
    await queue.consumeSteps({ concurrency: 1 }, async (next) => void taken.push(next));
    await untilLength(taken, 4);
    expect(taken).toEqual(given);
  });

  it('after they were handled are delivered again', async () => {
    const queue = await current().connect();
    const gate = new Gate();
    await queue.consumeSteps({ concurrency: 3 }, ({ id }) => gate.pass(id));
    await queue.dispatch(task('a'));
    await untilLength(gate.started, 1);
    gate.open();
    await roundTrip(current());
    await queue.dispatch(task('a'));
    await untilLength(gate.started, 2);
  });
}
