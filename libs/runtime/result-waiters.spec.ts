import type { EnginePorts } from './ports.js';
import { ResultWaiters, type RunEnd } from './result-waiters.js';

const END = { runId: 'r1', workflow: 'order', status: 'completed', output: '1' } as RunEnd;

it.each([
  ['the first', [0]],
  ['one between others', [1]],
  ['the last', [2]],
  ['all but one', [0, 2]],
  ['all', [1, 0, 2]],
])('those who listen for the end of a run are told, and %s who has stopped is not', (_, stopped) => {
  const waiters = new ResultWaiters({} as EnginePorts);
  const listening = [0, 1, 2].map(() => waiters.listen('r1'));
  const other = waiters.listen('r2');
  const told: number[] = [];
  for (const [index, one] of [...listening, other].entries()) one.tell = () => told.push(index);
  for (const index of stopped) waiters.end(listening[index]!);
  waiters.tell(END);
  expect(told.toSorted()).toEqual([0, 1, 2].filter((index) => !stopped.includes(index)));
});
