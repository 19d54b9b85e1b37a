import {
  cancelRequested,
  codec,
  completed,
  completedRun,
  expired,
  fired,
  hookCreated,
  received,
  scheduled,
  started,
  timedOut,
  timer,
} from './core.spec-helpers.js';
import { dueOutcomes, nextDueAt } from './due.js';
import type { EventDraft } from './history-event.js';
import { RunState } from './run-state.js';

function stateWith(deadline: number | undefined, ...drafts: EventDraft[]): RunState {
  const state = new RunState('run-1');
  for (const draft of [started([], deadline), ...drafts]) state.apply(state.place(draft, 0));
  return state;
}

const retryAt = (id: string, at: number): EventDraft => ({
  type: 'step.retrying',
  id,
  payload: codec.encode(null),
  attributes: { attempt: 1, retryAt: at },
});
const exhausted = (id: string): EventDraft => ({
  type: 'step.exhausted',
  id,
  payload: codec.encode(null),
  attributes: { attempt: 2 },
});

describe('the next time at which a run has something to do by itself', () => {
  test.each<[string, number | undefined, EventDraft[], number | undefined]>([
    ['is unknown if it waits for nothing', undefined, [], undefined],
    ['is unknown if it waits for others only', undefined, [scheduled('a#1'), hookCreated('h#1')], undefined],
    ['is when its earliest timer fires', undefined, [timer('sleep#1', 70), timer('sleep#2', 50)], 50],
    ['is not that of a timer that has fired', undefined, [timer('s#1', 50), timer('s#2', 70), fired('s#1')], 70],
    ['is when its earliest hook expires', undefined, [hookCreated('h#1', { expiresAt: 60 }), hookCreated('h#2')], 60],
    ['is not that of a hook that was received', 90, [hookCreated('h#1', { expiresAt: 60 }), received('h#1', 1)], 90],
    ['is when its earliest retry is due', undefined, [scheduled('a#1'), scheduled('b#1'), retryAt('b#1', 40)], 40],
    ['is not that of a step that waits for a person', 90, [scheduled('a#1'), retryAt('a#1', 40), exhausted('a#1')], 90],
    ['is its deadline', 80, [scheduled('a#1')], 80],
    ['is not its deadline once it is being cancelled', 80, [cancelRequested], undefined],
    ['is not its deadline once that has passed', 80, [timedOut], undefined],
    ['is not its deadline once it has ended', 80, [completedRun()], undefined],
    ['is the epoch, if a timer was to fire then', undefined, [timer('sleep#1', 0)], 0],
  ])('%s', (_name, deadline, recorded, expected) => {
    expect(nextDueAt(stateWith(deadline, ...recorded))).toBe(expected);
  });

  test('is not that of a retry that has been handed out', () => {
    const state = stateWith(undefined, scheduled('a#1'), retryAt('a#1', 30), scheduled('b#1'), retryAt('b#1', 40));
    expect(nextDueAt(state, 29)).toBe(30);
    expect(nextDueAt(state, 30)).toBe(40);
    expect(nextDueAt(state, 40)).toBeUndefined();
    expect(nextDueAt(stateWith(undefined, timer('sleep#1', 20)), 40)).toBe(20);
  });

  test('is the earliest of all', () => {
    const recorded = [
      timer('sleep#1', 50),
      hookCreated('h#1', { expiresAt: 40 }),
      scheduled('a#1'),
      retryAt('a#1', 30),
    ];
    expect(nextDueAt(stateWith(20, ...recorded))).toBe(20);
    expect(nextDueAt(stateWith(60, ...recorded))).toBe(30);
    expect(nextDueAt(stateWith(60, ...recorded, completed('a#1', 'A', 2)))).toBe(40);
    expect(nextDueAt(stateWith(60, ...recorded.slice(0, 1)))).toBe(50);
  });
});

describe('what time has brought about', () => {
  const due = (now: number, deadline: number | undefined, ...recorded: EventDraft[]) =>
    dueOutcomes(stateWith(deadline, ...recorded), now);

  test('is nothing before its time', () => {
    const recorded = [timer('sleep#1', 50), hookCreated('h#1', { expiresAt: 50 }), hookCreated('h#2')];
    expect(due(49, 50, ...recorded)).toEqual([]);
  });

  test('comes on time, each with when it came about', () => {
    expect(due(50, undefined, timer('sleep#1', 50))).toEqual([{ at: 50, draft: fired('sleep#1') }]);
    expect(due(50, undefined, hookCreated('h#1', { expiresAt: 50 }))).toEqual([{ at: 50, draft: expired('h#1') }]);
    expect(due(50, 50)).toEqual([{ at: 50, draft: timedOut }]);
  });

  test('comes in the order of its times, the earliest first', () => {
    const recorded = [
      timer('sleep#1', 50),
      timer('sleep#2', 10),
      hookCreated('h#1', { expiresAt: 40 }),
      hookCreated('h#2', { expiresAt: 20 }),
    ];
    expect(due(100, 30, ...recorded).map(({ at }) => at)).toEqual([10, 20, 30, 40, 50]);
  });

  test('at the same time: timers in the order in which they were started, hooks, the deadline', () => {
    const recorded = [hookCreated('h#1', { expiresAt: 50 }), timer('sleep#2', 50), timer('sleep#1', 50)];
    expect(due(50, 50, ...recorded).map(({ draft }) => draft)).toEqual([
      fired('sleep#2'),
      fired('sleep#1'),
      expired('h#1'),
      timedOut,
    ]);
  });

  test('comes once', () => {
    expect(due(50, undefined, timer('sleep#1', 50), fired('sleep#1'))).toEqual([]);
    expect(due(50, undefined, hookCreated('h#1', { expiresAt: 50 }), expired('h#1'))).toEqual([]);
    expect(due(50, 50, timedOut)).toEqual([]);
  });

  test('is no deadline for a run that is being cancelled or has ended', () => {
    expect(due(50, 50, cancelRequested)).toEqual([]);
    expect(due(50, 50, completedRun())).toEqual([]);
  });

  test('leaves retries to whoever dispatches steps', () => {
    expect(due(50, undefined, scheduled('a#1'), retryAt('a#1', 40))).toEqual([]);
  });
});
