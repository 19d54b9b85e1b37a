/// <reference types="jest" />
import type { StepTask, WorkflowQueue } from '../core/index.js';
import { Gate, roundTrip, task, untilLength, type QueueFixture } from './queue-contract-makers.js';
import { describeTurns } from './queue-contract-turns.js';

/** Calls that are said to be done at once, so that they may travel together. */
export function describeQuickSteps(current: () => QueueFixture): void {
  it('are handed over once each, with all that is known of them, beside those that are not', async () => {
    const queue = await current().connect();
    const given = Array.from({ length: 50 }, (_, index) => task(`s#${index}`, { attempt: index + 1, tags: ['eu'] }));
    await Promise.all(given.map((next, index) => queue.dispatch(next, undefined, index % 10 === 9 ? 60_000 : 0.1)));
    const taken: StepTask[] = [];
    await queue.consumeSteps({ concurrency: 100 }, async (next) => void taken.push(next));
    await untilLength(taken, given.length);
    await roundTrip(current());
    expect(taken.sort((a, b) => a.attempt - b.attempt)).toEqual(given);
  });

  it('are done although the handler of one of them throws', async () => {
    const queue = await current().connect();
    const done = new Set<string>();
    await queue.consumeSteps({ concurrency: 5 }, async ({ id }) => {
      if (id === 'bad') throw new Error('step');
      done.add(id);
    });
    await dispatchQuick(queue, ['a', 'bad', 'b']);
    await untilLength(current().errors, 1);
    expect([...done].sort()).toEqual(['a', 'b']);
    expect(String(current().errors[0])).toBe('Error: step');
  });

  describe('all at once', () => describeTurns(current, dispatchQuick));
  describe('that a process has taken and not begun', () => describeLeftOver(current));
}

function describeLeftOver(current: () => QueueFixture): void {
  it('are taken by others while some of them run for long, against all that was known', async () => {
    if (!current().sharesSteps) return;
    const [a, b] = [await current().connect(), await current().connect()];
    const gate = new Gate();
    await a.consumeSteps({ concurrency: 2 }, ({ id }) => gate.pass(id));
    await dispatchQuick(b, ['slow 1', 'slow 2', 'x', 'y']);
    await b.dispatch(task('z'));
    await untilLength(gate.started, 2);
    await roundTrip(current());
    const taken: string[] = [];
    await b.consumeSteps({ concurrency: 5 }, async ({ id }) => void taken.push(id));
    await untilLength(taken, 3);
    await roundTrip(current());
    expect(gate.started).toEqual(['slow 1', 'slow 2']);
    expect(taken.sort()).toEqual(['x', 'y', 'z']);
    gate.open();
  });

  it('go to others if the process stops before it has begun them', async () => {
    if (!current().sharesSteps) return;
    const [a, b] = [await current().connect(), await current().connect()];
    const gate = new Gate();
    await a.consumeSteps({ concurrency: 1 }, ({ id }) => gate.pass(id));
    await dispatchQuick(b, ['slow', 'x', 'y']);
    await untilLength(gate.started, 1);
    const drained = a.drain();
    const taken: string[] = [];
    await b.consumeSteps({ concurrency: 5 }, async ({ id }) => void taken.push(id));
    await untilLength(taken, 2);
    gate.open();
    await drained;
    await a.close();
    await roundTrip(current());
    expect(gate.started).toEqual(['slow']);
    expect(taken.sort()).toEqual(['x', 'y']);
  });
}

/** Hands them in within one turn. */
async function dispatchQuick(queue: WorkflowQueue, ids: readonly string[], name?: string): Promise<void> {
  await Promise.all(ids.map((id) => queue.dispatch(task(id), name, 0.1)));
}
