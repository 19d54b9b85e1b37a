import { jest } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { RedisLink } from './redis-link.js';
import { WakeList } from './wake-list.js';

it('begins what a server that had fallen silent answers after all', async () => {
  jest.useFakeTimers();
  const answers: ((reply: unknown) => void)[] = [];
  const ask = (): Promise<unknown> => new Promise((resolve) => answers.push(resolve));
  const disconnect = jest.fn();
  const connection = Object.assign(new EventEmitter(), { status: 'ready', blpop: ask, eval: ask, disconnect });
  const reported: unknown[] = [];
  const link = { client: { duplicate: () => connection }, report: (error: unknown) => reported.push(error) };
  const begun: string[] = [];
  void new WakeList(link as unknown as RedisLink, 'wakes', async (runId) => void begun.push(runId));

  await jest.advanceTimersByTimeAsync(15_000);
  expect([disconnect.mock.calls, reported.map(String)]).toEqual([[[true]], ['Error: Redis has fallen silent']]);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(answers).toHaveLength(4); // it asks again

  answers[0]!(['wakes', '"r1"']);
  answers[1]!(['"r2"', '"r3"']);
  await jest.advanceTimersByTimeAsync(0);
  expect(begun).toEqual(['r1', 'r2', 'r3']);
  jest.useRealTimers();
});
