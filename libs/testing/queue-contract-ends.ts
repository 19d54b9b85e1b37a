/// <reference types="jest" />
import { Gate, recordWakes, roundTrip, task, untilLength, type QueueFixture } from './queue-contract-makers.js';

export function describeQueueFailures(current: () => QueueFixture): void {
  it('are reported, and hold up nobody', async () => {
    const queue = await current().connect();
    const done: string[] = [];
    await queue.consumeWakes('A', (runId) => {
      if (runId === 'bad') throw new Error('wake');
      done.push(runId);
      return Promise.resolve();
    });
    await queue.consumeSteps({ concurrency: 1 }, async ({ id }) => {
      if (id === 'bad') throw new Error('step');
      done.push(id);
    });
    for (const id of ['bad', 'good']) await queue.dispatch(task(id));
    for (const runId of ['bad', 'r1']) await queue.wake(runId, 'A');
    await untilLength(done, 2);
    await untilLength(current().errors, 2);
    expect(done.sort()).toEqual(['good', 'r1']);
    expect(current().errors.map(String).sort()).toEqual(['Error: step', 'Error: wake']);
  });
}

export function describeQueueDraining(current: () => QueueFixture): void {
  it('waits for the handlers that run, and starts no others', async () => {
    const queue = await current().connect();
    const gate = new Gate();
    await queue.consumeWakes('A', gate.pass);
    await queue.consumeSteps({ concurrency: 1 }, ({ id }) => gate.pass(id));
    await queue.wake('r1', 'A');
    for (const id of ['a', 'b']) await queue.dispatch(task(id));
    await untilLength(gate.started, 2);

    let isDrained = false;
    const drained = queue.drain().then(() => (isDrained = true));
    await queue.wake('r2', 'A');
    await queue.dispatch(task('c'));
    await roundTrip(current());
    expect(isDrained).toBe(false);
    gate.release();
    await drained;
    await roundTrip(current());
    expect(gate.started.sort()).toEqual(['a', 'r1']);
  });

  it('may be done twice, before and after anything was taken', async () => {
    const queue = await current().connect();
    await recordWakes(queue, 'A');
    await queue.drain();
    await queue.drain();
    await queue.close();
    await queue.close();
    const unused = await current().connect();
    await unused.close();
    await unused.close();
  });

  describe('with another process', () => describeHandingOver(current));
}

function describeHandingOver(current: () => QueueFixture): void {
  it('loses no step call that another process could run', async () => {
    if (!current().sharesSteps) return;
    const [a, b] = [await current().connect(), await current().connect()];
    const ids = Array.from({ length: 60 }, (_, index) => `s#${index}`);
    const done: string[] = [];
    const gate = new Gate();
    await a.consumeSteps({ concurrency: 5 }, async ({ id }) => {
      await gate.pass(id);
      done.push(id);
    });
    await Promise.all(ids.map((id) => b.dispatch(task(id))));
    await untilLength(gate.started, 5);
    const drained = a.drain();
    await b.consumeSteps({ concurrency: 5 }, async ({ id }) => void done.push(id));
    gate.open();
    await drained;
    await a.close();
    await untilLength(done, 60);
    await roundTrip(current());
    expect(done.sort()).toEqual([...ids].sort());
  });

  it('gives the wakes that came too late to others', async () => {
    if (!current().sharesSteps) return;
    const [a, b] = [await current().connect(), await current().connect()];
    await recordWakes(a, 'A');
    await a.drain();
    for (const runId of ['r1', 'r2', 'r3']) await b.wake(runId, 'A');
    const woken = await recordWakes(b, 'B');
    await a.close();
    await untilLength(woken, 3);
    await b.wake('r4', 'A');
    await roundTrip(current());
    expect(woken.slice(0, 3).sort()).toEqual(['r1', 'r2', 'r3']);
  });
}
