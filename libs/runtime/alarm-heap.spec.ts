import { VirtualClock } from '../testing/index.js';
import { AlarmHeap } from './alarm-heap.js';

function heapOf(clock: VirtualClock): { readonly alarms: AlarmHeap; readonly rung: string[] } {
  const rung: string[] = [];
  return { alarms: new AlarmHeap(clock, (runId) => void rung.push(runId)), rung };
}

it('rings each run at its latest time, the earliest first', () => {
  const clock = new VirtualClock(0);
  const { alarms, rung } = heapOf(clock);
  alarms.set('a', 10);
  alarms.set('b', 20);
  alarms.set('c', 30);
  alarms.set('a', 40);
  alarms.set('c', 5);
  alarms.clear('b');
  while (clock.nextAt !== undefined) clock.runNext();
  expect(rung).toEqual(['c', 'a']);
});

it('keeps little of alarms that were moved or cleared', () => {
  const clock = new VirtualClock(0);
  const { alarms, rung } = heapOf(clock);
  alarms.set('kept', 15_000);
  for (let run = 0; run < 10_000; run++) {
    for (const at of [1, 2, 3]) alarms.set(`run ${run}`, 15_000 + run + at);
    alarms.clear(`run ${run}`);
  }
  expect(alarms.size).toBeLessThan(1_100);
  while (clock.nextAt !== undefined) clock.runNext();
  expect(rung).toEqual(['kept']);
});
