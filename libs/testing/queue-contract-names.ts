/// <reference types="jest" />
import type { StepTask } from '../core/index.js';
import { recordWakes, task, untilLength, type QueueFixture } from './queue-contract-makers.js';

const HOSTILE = [
  ':',
  'a:b:c',
  '12345',
  '0',
  '',
  ' ',
  '{tag}',
  '../..',
  '~3a~',
  'prüfung-💥',
  '\u0000',
  '\ud800',
  '*',
  '__proto__',
  'x'.repeat(1_000),
];

export function describeQueueNames(current: () => QueueFixture): void {
  it('of step queues can be any text, and no two of them are one queue', async () => {
    const queue = await current().connect();
    const taken: [string, string][] = [];
    for (const name of HOSTILE) {
      await queue.consumeSteps({ queue: name, concurrency: 1 }, async ({ id }) => void taken.push([name, id]));
    }
    for (const name of HOSTILE) await queue.dispatch(task(name), name);
    await untilLength(taken, HOSTILE.length);
    expect(new Map(taken)).toEqual(new Map(HOSTILE.map((name) => [name, name])));
  });

  it('of runs, steps, workflows and tags can be any text', async () => {
    const queue = await current().connect();
    const taken: StepTask[] = [];
    await queue.consumeSteps({ concurrency: 1 }, async (next) => void taken.push(next));
    const given = HOSTILE.map((name) =>
      task(name, { runId: name, step: name, workflow: name, tags: [name], owner: name }),
    );
    for (const next of given) await queue.dispatch(next);
    await untilLength(taken, given.length);
    expect(taken).toEqual(given);
  });

  it('of processes and of the runs that they are woken for can be any text', async () => {
    for (const owner of [':', '12345', 'host-{1}-💥', 'x'.repeat(300)]) {
      const queue = await current().connect();
      const woken = await recordWakes(queue, owner);
      for (const runId of HOSTILE) await queue.wake(runId, owner);
      await untilLength(woken, HOSTILE.length);
      expect(woken.sort()).toEqual([...HOSTILE].sort());
      await queue.close();
    }
  });
}
