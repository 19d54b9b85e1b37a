/// <reference types="jest" />
import { Gate, recordWakes, roundTrip, untilLength, type QueueFixture } from './queue-contract-makers.js';

export function describeWakes(current: () => QueueFixture): void {
  it('reach a process that takes wakes', async () => {
    const queue = await current().connect();
    const woken = await recordWakes(queue, 'A');
    await queue.wake('r1');
    await untilLength(woken, 1);
    expect(woken).toEqual(['r1']);
  });

  it('go to the process that holds the run, whoever asks', async () => {
    const [a, b, client] = [await current().connect(), await current().connect(), await current().connect()];
    const [atA, atB] = [await recordWakes(a, 'A'), await recordWakes(b, 'B')];
    await client.wake('r1', 'B');
    await a.wake('r2', 'B');
    await b.wake('r3', 'A');
    await a.wake('r4', 'A');
    await untilLength(atA, 2);
    await untilLength(atB, 2);
    await roundTrip(current());
    expect([atA.sort(), atB.sort()]).toEqual([
      ['r3', 'r4'],
      ['r1', 'r2'],
    ]);
  });

  it('of runs that nobody holds reach somebody, from a process that takes none itself', async () => {
    const [worker, client] = [await current().connect(), await current().connect()];
    const woken = await recordWakes(worker, 'A');
    for (const runId of ['r1', 'r2', 'r3']) await client.wake(runId);
    await untilLength(woken, 3);
    expect(woken.sort()).toEqual(['r1', 'r2', 'r3']);
  });

  it('for a process that is gone do no harm', async () => {
    const queue = await current().connect();
    const woken = await recordWakes(queue, 'A');
    await queue.wake('lost', 'gone');
    await roundTrip(current());
    const sooner = woken.length;
    await queue.wake('r1', 'A');
    await untilLength(woken, sooner + 1);
    expect(woken.at(-1)).toBe('r1');
  });

  describe('of one run', () => describeRepetition(current));
}

function describeRepetition(current: () => QueueFixture): void {
  it('in one turn are one', async () => {
    const queue = await current().connect();
    const woken = await recordWakes(queue, 'A');
    await Promise.all(Array.from({ length: 200 }, () => queue.wake('r1', 'A')));
    await untilLength(woken, 1);
    await roundTrip(current());
    expect(woken).toEqual(['r1']);
  });

  it('are not swallowed while the same run is being looked at', async () => {
    const queue = await current().connect();
    const gate = new Gate();
    await queue.consumeWakes('A', gate.pass);
    for (const length of [1, 2, 3]) {
      await queue.wake('r1', 'A');
      await untilLength(gate.started, length);
    }
    await queue.wake('r2');
    await untilLength(gate.started, 4);
    await queue.wake('r2');
    await untilLength(gate.started, 5);
    gate.open();
  });

  it('are delivered again after they were handled', async () => {
    const queue = await current().connect();
    const woken = await recordWakes(queue, 'A');
    for (const length of [1, 2, 3]) {
      await queue.wake('r1', 'A');
      await untilLength(woken, length);
    }
  });
}
