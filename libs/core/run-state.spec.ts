import {
  cancelRequested,
  codec,
  completed,
  completedRun,
  conflicted,
  expired,
  failed,
  failedRun,
  fired,
  hookCreated,
  received,
  scheduled,
  started,
  stateAfter,
  stepCancelled,
  timedOut,
  timer,
} from './core.spec-helpers.js';
import type { EventDraft } from './history-event.js';
import { RunState } from './run-state.js';

const error = codec.encode(new Error('boom'));
const retrying = (id: string, attempt: number, retryAt = 50): EventDraft => ({
  type: 'step.retrying',
  id,
  payload: error,
  attributes: { attempt, retryAt },
});
const lost = (id: string, attempt: number): EventDraft => ({ type: 'step.lost', id, attributes: { attempt } });
const exhausted = (id: string, attempt: number): EventDraft => ({
  type: 'step.exhausted',
  id,
  payload: error,
  attributes: { attempt },
});
const blocked: EventDraft = { type: 'workflow.blocked', attributes: { reason: 'no code' } };
const paused: EventDraft = { type: 'workflow.paused', attributes: { reason: 'by ada' } };
const resumed: EventDraft = { type: 'workflow.resumed' };
const cancelledRun: EventDraft = { type: 'workflow.cancelled', payload: error };
const owed = (state: RunState, now: number): string[] => state.owedSteps(now).map(({ id }) => id);

describe('a place in the history', () => {
  test('is behind the last event', () => {
    expect(stateAfter(scheduled('a#1')).place(completed('a#1'), 70)).toEqual({
      ...completed('a#1'),
      sequence: 3,
      at: 70,
    });
  });

  test('of the first event is 1', () => {
    expect(new RunState('run-1').place(started(), 70)).toMatchObject({ sequence: 1, at: 70 });
  });

  test("is never dated before its predecessor's", () => {
    const state = new RunState('run-1');
    state.apply(state.place(started(), 70));
    expect(state.place(completed('a#1'), 69)).toMatchObject({ sequence: 2, at: 70 });
    expect(state.place(completed('a#1'), 71)).toMatchObject({ sequence: 2, at: 71 });
  });

  test('takes no effect by itself', () => {
    const state = stateAfter(scheduled('a#1'));
    state.place(completed('a#1'), 70);
    expect(state).toEqual(stateAfter(scheduled('a#1')));
  });
});

describe('the start', () => {
  test('has what the run was started with', () => {
    const state = new RunState('run-1');
    state.apply(state.place(started([7], 900), 5));
    expect(state).toMatchObject({
      runId: 'run-1',
      sequence: 1,
      at: 5,
      status: 'running',
      input: codec.encode([7]),
      started: { workflow: 'test', version: 1, seed: 'seed', deadline: 900 },
    });
  });
});

describe('a step call', () => {
  test('is open with its first attempt due once it is scheduled', () => {
    const state = stateAfter(scheduled('a#1', 'order'));
    expect([...state.steps.values()]).toEqual([
      { id: 'a#1', sequence: 2, payload: codec.encode(['order']), attempt: 1, failures: 0, lost: 0, exhausted: false },
    ]);
    expect(owed(state, 0)).toEqual(['a#1']);
  });

  test.each([
    ['completed', completed('a#1')],
    ['failed', failed('a#1', 'boom')],
    ['cancelled', stepCancelled('a#1')],
  ])('is not open once it is %s', (_name, outcome) => {
    expect([...stateAfter(scheduled('a#1'), scheduled('b#1'), outcome).steps.keys()]).toEqual(['b#1']);
  });

  test('that failed counts the failure and waits for its next attempt', () => {
    const state = stateAfter(scheduled('a#1'), retrying('a#1', 1, 50));
    expect(state.steps.get('a#1')).toMatchObject({ attempt: 2, failures: 1, lost: 0, retryAt: 50 });
    expect(owed(state, 49)).toEqual([]);
    expect(owed(state, 50)).toEqual(['a#1']);
  });

  test('that was handed back counts for nothing, and is followed by the next one', () => {
    const handedBack: EventDraft = { type: 'step.lost', id: 'a#1', attributes: { attempt: 1, handedBack: true } };
    const call = { attempt: 2, failures: 0, lost: 0 };
    expect(stateAfter(scheduled('a#1'), handedBack).steps.get('a#1')).toMatchObject(call);
    expect(stateAfter(scheduled('a#1'), lost('a#1', 1)).steps.get('a#1')).toMatchObject({ ...call, lost: 1 });
  });

  test('keeps what its run has told its steps', () => {
    const told = { ...scheduled('a#1'), attributes: { context: '"eu"' } } as EventDraft;
    expect(stateAfter(told).steps.get('a#1')).toMatchObject({ context: '"eu"' });
  });

  test('whose process vanished counts that apart, and is due at once', () => {
    const state = stateAfter(scheduled('a#1'), retrying('a#1', 1, 50), lost('a#1', 2));
    expect(state.steps.get('a#1')).toMatchObject({ attempt: 3, failures: 1, lost: 1, retryAt: undefined });
    expect(owed(state, 0)).toEqual(['a#1']);
  });

  test('that is exhausted pauses the run and is not due', () => {
    const state = stateAfter(scheduled('a#1'), scheduled('b#1'), exhausted('a#1', 1));
    expect(state.status).toBe('paused');
    expect(state.reason).toBe('step a#1 has failed in all its attempts and asks for a person');
    expect(state.steps.get('a#1')).toMatchObject({ attempt: 1, exhausted: true });
    expect(owed(state, Infinity)).toEqual(['b#1']);
  });

  test('that was exhausted begins anew when the run is resumed', () => {
    const recorded = [scheduled('a#1'), retrying('a#1', 1, 50), exhausted('a#1', 2)];
    const state = stateAfter(...recorded, resumed);
    expect(state.status).toBe('running');
    expect(state.reason).toBeUndefined();
    expect(state.steps.get('a#1')).toMatchObject({ attempt: 3, failures: 0, retryAt: undefined, exhausted: false });
    expect(owed(state, 0)).toEqual(['a#1']);
  });

  test('that was not exhausted goes on as it was when the run is resumed', () => {
    const state = stateAfter(scheduled('a#1'), retrying('a#1', 1, 50), paused, resumed);
    expect(state.steps.get('a#1')).toMatchObject({ attempt: 2, failures: 1, retryAt: 50 });
  });

  test('that is not open is not retried, lost or exhausted', () => {
    const state = stateAfter(retrying('a#1', 1), lost('a#1', 1), exhausted('a#1', 1));
    expect(state.steps.size).toBe(0);
    expect(owed(state, Infinity)).toEqual([]);
  });
});

describe('a timer', () => {
  test('is open until it fires or is cancelled', () => {
    const open = [timer('sleep#1', 50), timer('sleep#2', 60), timer('sleep#3', 70)];
    expect([...stateAfter(...open).timers]).toEqual([
      ['sleep#1', 50],
      ['sleep#2', 60],
      ['sleep#3', 70],
    ]);
    const state = stateAfter(...open, fired('sleep#1'), { type: 'sleep.cancelled', id: 'sleep#3' });
    expect([...state.timers].map(([id]) => id)).toEqual(['sleep#2']);
  });
});

describe('a hook', () => {
  const once = hookCreated('h#1', { expiresAt: 90 });
  const many = hookCreated('h#1', { multiple: true });

  test('is open with its token once it is created', () => {
    expect([...stateAfter(once).hooks.values()]).toEqual([{ id: 'h#1', token: 'token of h#1', expiresAt: 90 }]);
  });

  test.each<[string, EventDraft]>([
    ['received', received('h#1', 1)],
    ['expired', expired('h#1')],
    ['conflicted', conflicted('h#1')],
    ['closed', { type: 'hook.closed', id: 'h#1' }],
  ])('is not open once it is %s', (_name, outcome) => {
    expect(stateAfter(once, outcome).hooks.size).toBe(0);
  });

  test('of many payloads stays open when it receives one', () => {
    expect(stateAfter(many, received('h#1', 1)).hooks.size).toBe(1);
  });

  test('that is not open receives nothing', () => {
    expect(stateAfter(received('h#1', 1)).hooks.size).toBe(0);
  });
});

describe('the status', () => {
  test.each<[string, EventDraft, object]>([
    ['is blocked with the reason', blocked, { status: 'blocked', reason: 'no code' }],
    ['is paused with the reason', paused, { status: 'paused', reason: 'by ada' }],
    ['is completed with the output', completedRun('A'), { status: 'completed', result: codec.encode('A') }],
    ['is failed with the error', failedRun('boom'), { status: 'failed', result: error }],
    ['is cancelled with the error', cancelledRun, { status: 'cancelled', result: error }],
  ])('%s', (_name, event, expected) => {
    expect(stateAfter(event)).toMatchObject(expected);
  });

  test('has no reason any more once it has ended', () => {
    expect(stateAfter(paused, completedRun())).toMatchObject({ status: 'completed', reason: undefined });
  });

  test('is running again after a resumption, without a reason', () => {
    expect(stateAfter(blocked, resumed)).toMatchObject({ status: 'running', reason: undefined });
  });

  test('is running again after a request to cancel a paused run, so that its code can clean up', () => {
    expect(stateAfter(paused, cancelRequested)).toMatchObject({ status: 'running', reason: undefined });
    const state = stateAfter(scheduled('a#1'), exhausted('a#1', 1), cancelRequested);
    expect(state.steps.get('a#1')).toMatchObject({ attempt: 2, exhausted: false });
  });

  test('takes a second request to cancel only if the run was paused since', () => {
    expect(stateAfter(cancelRequested).accepts(cancelRequested)).toBe(false);
    expect(stateAfter(cancelRequested, paused).accepts(cancelRequested)).toBe(true);
  });

  test('stays blocked after a request to cancel', () => {
    expect(stateAfter(blocked, cancelRequested)).toMatchObject({ status: 'blocked', cancelRequested: true });
  });

  test('of an ended run leaves nothing open', () => {
    const open = [scheduled('a#1'), timer('sleep#1', 5), hookCreated('h#1')];
    for (const end of [completedRun(), failedRun('boom'), cancelledRun]) {
      const state = stateAfter(...open, end);
      expect([state.steps.size, state.timers.size, state.hooks.size]).toEqual([0, 0, 0]);
    }
  });

  test('has no result while the run goes on', () => {
    expect(stateAfter(scheduled('a#1'), completed('a#1')).result).toBeUndefined();
  });

  test('does not depend on side effects', () => {
    const effect: EventDraft = { type: 'side_effect.recorded', id: 'side_effect#1', payload: error };
    const superseded: unknown = expect.anything();
    expect(stateAfter(effect)).toEqual({ ...stateAfter(), sequence: 2, at: 1, superseded });
  });
});

describe('a message means something', () => {
  const steps = [scheduled('a#1'), retrying('a#1', 1)];
  test.each<[string, EventDraft[], EventDraft]>([
    ['if it comes from the attempt that is awaited', steps, completed('a#1', 1, 2)],
    ['if that attempt failed', steps, failed('a#1', 'boom', 2)],
    ['if that attempt is to be tried again', steps, retrying('a#1', 2)],
    ['if that attempt vanished', steps, lost('a#1', 2)],
    ['if that attempt was the last', steps, exhausted('a#1', 2)],
    ['if the timer is open', [timer('sleep#1', 5)], fired('sleep#1')],
    ['if the hook is open', [hookCreated('h#1')], received('h#1', 1)],
    [
      'if the hook of many has received before',
      [hookCreated('h#1', { multiple: true }), received('h#1', 1)],
      received('h#1', 2),
    ],
    ['if the hook can still expire', [hookCreated('h#1')], expired('h#1')],
    ['if it is the first request to cancel', [], cancelRequested],
    ['if it is a request to cancel behind the deadline', [timedOut], cancelRequested],
    ['if it is the first deadline', [], timedOut],
    ['if it resumes a blocked run', [blocked], resumed],
    ['if it resumes a paused run', [paused], resumed],
    ['if it comes from the lease holder itself', [], blocked],
  ])('%s', (_name, recorded, message) => {
    expect(stateAfter(...recorded).accepts(message)).toBe(true);
  });
});

describe('a message means nothing any more', () => {
  const hook = hookCreated('h#1');
  test.each<[string, EventDraft[], EventDraft]>([
    ['if its attempt was superseded by a retry', [scheduled('a#1'), retrying('a#1', 1)], completed('a#1')],
    ['if its attempt was given up as lost', [scheduled('a#1'), lost('a#1', 1)], failed('a#1', 'boom')],
    ['if a retry is of a superseded attempt', [scheduled('a#1'), retrying('a#1', 1)], retrying('a#1', 1)],
    ['if a loss is of a superseded attempt', [scheduled('a#1'), retrying('a#1', 1)], lost('a#1', 1)],
    ['if a loss is of a call with an outcome', [scheduled('a#1'), completed('a#1')], lost('a#1', 1)],
    ['if a giving up is of a superseded attempt', [scheduled('a#1'), lost('a#1', 1)], exhausted('a#1', 1)],
    ['if it comes from an attempt that has not begun', [scheduled('a#1')], completed('a#1', 'A', 2)],
    ['if its call has an outcome', [scheduled('a#1'), completed('a#1')], failed('a#1', 'boom')],
    ['if its call was cancelled', [scheduled('a#1'), stepCancelled('a#1')], completed('a#1')],
    ['if its call waits for a person', [scheduled('a#1'), exhausted('a#1', 1)], completed('a#1')],
    ['if there never was such a call', [], completed('a#1')],
    ['if the timer has fired', [timer('sleep#1', 5), fired('sleep#1')], fired('sleep#1')],
    ['if the hook is used', [hook, received('h#1', 1)], received('h#1', 2)],
    ['if the hook was received in time', [hook, received('h#1', 1)], expired('h#1')],
    ['if the hook has expired', [hook, expired('h#1')], received('h#1', 1)],
    ['if the hook was closed', [hook, { type: 'hook.closed', id: 'h#1' }], received('h#1', 1)],
    ['if it is the second request to cancel', [cancelRequested], cancelRequested],
    ['if it is the second deadline', [timedOut], timedOut],
    ['if the run is being cancelled when its deadline passes', [cancelRequested], timedOut],
    ['if it resumes a run that runs', [], resumed],
    ['if it resumes a run that was resumed', [paused, resumed], resumed],
    ['if it would cancel a run that has ended', [completedRun()], cancelRequested],
    ['if it would pause a run that has ended', [failedRun('boom')], paused],
  ])('%s', (_name, recorded, message) => {
    expect(stateAfter(...recorded).accepts(message)).toBe(false);
  });
});
