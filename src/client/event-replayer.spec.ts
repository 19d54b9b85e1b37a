import type { EventType } from '../../libs/core/index.js';
import { EventReplayer } from './event-replayer.js';
import type { RunEvent } from './run-event.js';

type Draft = readonly [EventType, Partial<Omit<RunEvent, 'sequence' | 'type' | 'at'>>?];

const at = (sequence: number): Date => new Date(sequence * 1_000);

function history(...drafts: readonly Draft[]): RunEvent[] {
  return drafts.map(([type, rest], index) => ({
    sequence: index + 1,
    type,
    at: at(index + 1),
    attributes: {},
    ...rest,
  }));
}

const started: Draft = [
  'workflow.started',
  { data: [7], attributes: { workflow: 'order', version: 2, deadline: at(99) } },
];
const scheduled = (id: string): Draft => ['step.scheduled', { id, data: ['x'] }];

describe('EventReplayer', () => {
  it('tells what each step came to', () => {
    const replayer = new EventReplayer(
      history(
        started,
        scheduled('charge#1'),
        ['step.retrying', { id: 'charge#1', data: 'declined', attributes: { attempt: 1, retryAt: at(50) } }],
        ['step.lost', { id: 'charge#1', attributes: { attempt: 2 } }],
        ['step.completed', { id: 'charge#1', data: 'ch_1', attributes: { attempt: 3 } }],
        scheduled('mail#1'),
        scheduled('mail#2'),
        ['step.failed', { id: 'mail#1', data: 'no route', attributes: { attempt: 1 } }],
        ['step.cancelled', { id: 'mail#2' }],
        ['workflow.failed', { data: 'no route' }],
      ),
    );
    expect(replayer.stateAt(0)).toEqual({
      sequence: 0,
      status: 'pending',
      isCancelRequested: false,
      isTimedOut: false,
      steps: [],
      timers: [],
      hooks: [],
      sideEffects: [],
      checkpoints: [],
    });
    expect(replayer.stateAt(1)).toMatchObject({
      sequence: 1,
      at: at(1),
      status: 'running',
      workflow: 'order',
      version: 2,
      args: [7],
      deadline: at(99),
    });
    const charge = { id: 'charge#1', args: ['x'], scheduledAt: at(2) };
    expect(replayer.stateAt(2).steps).toEqual([{ ...charge, status: 'scheduled', attempt: 1 }]);
    expect(replayer.stateAt(3).steps).toEqual([
      { ...charge, status: 'retrying', attempt: 2, error: 'declined', retryAt: at(50) },
    ]);
    expect(replayer.stateAt(4).steps).toEqual([{ ...charge, status: 'retrying', attempt: 3, error: 'declined' }]);
    expect(replayer.stateAt(5).steps[0]).toMatchObject({
      status: 'completed',
      attempt: 3,
      result: 'ch_1',
      endedAt: at(5),
    });
    expect(replayer.state).toMatchObject({ status: 'failed', error: 'no route', sequence: 10 });
    expect(replayer.state.steps.map(({ id, status }) => [id, status])).toEqual([
      ['charge#1', 'completed'],
      ['mail#1', 'failed'],
      ['mail#2', 'cancelled'],
    ]);
  });

  it('tells timers, hooks and side effects', () => {
    const { state } = new EventReplayer(
      history(
        started,
        ['sleep.started', { id: 'sleep#1', attributes: { fireAt: at(20) } }],
        ['sleep.started', { id: 'sleep#2', attributes: { fireAt: at(30) } }],
        ['sleep.started', { id: 'sleep#3', attributes: { fireAt: at(40) } }],
        ['sleep.completed', { id: 'sleep#1' }],
        ['sleep.cancelled', { id: 'sleep#2' }],
        ['hook.created', { id: 'approval#1', attributes: { expiresAt: at(60) } }],
        ['hook.created', { id: 'many#1', attributes: { multiple: true } }],
        ['hook.created', { id: 'late#1' }],
        ['hook.created', { id: 'taken#1' }],
        ['hook.created', { id: 'open#1' }],
        ['hook.received', { id: 'approval#1', data: 'yes' }],
        ['hook.received', { id: 'many#1', data: 1 }],
        ['hook.received', { id: 'many#1', data: 2 }],
        ['hook.closed', { id: 'many#1' }],
        ['hook.expired', { id: 'late#1' }],
        ['hook.conflicted', { id: 'taken#1' }],
        ['side_effect.recorded', { id: 'side_effect#1', data: 42 }],
        ['workflow.completed', { data: 'done' }],
      ),
    );
    expect(state.timers.map(({ id, status }) => [id, status])).toEqual([
      ['sleep#1', 'fired'],
      ['sleep#2', 'cancelled'],
      ['sleep#3', 'cancelled'],
    ]);
    expect(state.hooks).toEqual([
      { id: 'approval#1', status: 'received', multiple: false, payloads: ['yes'], expiresAt: at(60) },
      { id: 'many#1', status: 'closed', multiple: true, payloads: [1, 2] },
      { id: 'late#1', status: 'expired', multiple: false, payloads: [] },
      { id: 'taken#1', status: 'conflicted', multiple: false, payloads: [] },
      { id: 'open#1', status: 'closed', multiple: false, payloads: [] },
    ]);
    expect(state).toMatchObject({ sideEffects: [42], status: 'completed', output: 'done' });
  });

  it('tells requests, halts and resumptions', () => {
    const replayer = new EventReplayer(
      history(
        started,
        scheduled('charge#1'),
        ['step.exhausted', { id: 'charge#1', data: 'declined', attributes: { attempt: 4 } }],
        ['workflow.resumed'],
        ['workflow.blocked', { attributes: { reason: 'changed' } }],
        ['workflow.resumed'],
        ['workflow.paused', { attributes: { reason: 'suspect' } }],
        ['workflow.resumed'],
        ['workflow.timed_out'],
        ['workflow.cancel_requested'],
        ['workflow.cancelled', { data: 'stopped' }],
      ),
    );
    expect([...replayer].map(({ state }) => state.status)).toEqual([
      'running',
      'running',
      'paused',
      'running',
      'blocked',
      'running',
      'paused',
      'running',
      'running',
      'running',
      'cancelled',
    ]);
    expect(replayer.stateAt(3)).toMatchObject({
      reason: expect.stringMatching(/charge#1/),
      steps: [{ status: 'exhausted', attempt: 4 }],
    });
    expect(replayer.stateAt(4).steps[0]).toMatchObject({ status: 'retrying', attempt: 5 });
    expect(replayer.stateAt(4)).not.toHaveProperty('reason');
    expect(replayer.stateAt(5)).toMatchObject({ reason: 'changed' });
    expect(replayer.stateAt(9)).toMatchObject({ isTimedOut: true, isCancelRequested: false });
    expect(replayer.state).toMatchObject({ isCancelRequested: true, error: 'stopped' });
  });

  it('says where events were compacted, and counts the attempts that they told of', () => {
    const calls = { 'charge#1': { failures: 3, lost: 1, handedBack: 1 } };
    const [first, second, third] = history(started, scheduled('charge#1'), [
      'step.retrying',
      { id: 'charge#1', data: 'declined', attributes: { attempt: 6, retryAt: at(50) } },
    ]);
    const compacted = { sequence: 7, type: 'history.compacted', at: at(7), attributes: { from: 3, calls } } as const;
    const replayer = new EventReplayer([first!, second!, compacted, { ...third!, sequence: 8 }]);
    expect(replayer.stateAt(2).steps).toMatchObject([{ status: 'scheduled', attempt: 1 }]);
    expect(replayer.stateAt(7)).toMatchObject({ sequence: 7, steps: [{ status: 'retrying', attempt: 6 }] });
    expect(replayer.state).toMatchObject({ sequence: 8, steps: [{ attempt: 7, error: 'declined' }] });
    for (const gone of [3, 6])
      expect(() => replayer.stateAt(gone)).toThrow(/was compacted.*the state after event 2 or 7/);
    expect(() => replayer.stateAt(9)).toThrow('the history has 8');
    expect(() => new EventReplayer([first!, compacted])).toThrow('event 2 is missing');
  });

  it('hands out states that do not change', () => {
    const replayer = new EventReplayer(
      history(started, scheduled('a#1'), ['step.completed', { id: 'a#1', attributes: { attempt: 1 } }]),
    );
    const states = [...replayer].map(({ state }) => state);
    expect(states.map(({ steps }) => steps[0]?.status)).toEqual([undefined, 'scheduled', 'completed']);
  });

  it.each([
    [undefined, /takes the events that getEvents\(\) gives; this is undefined/],
    ['events', /this is "events"/],
    [history(started, scheduled('a#1')).slice(1), /event 1 is missing/],
    [[...history(started), { sequence: 3, type: 'sleep.started', at: at(3), attributes: {} }], /event 2 is missing/],
    [[null], /event 1 is missing/],
    [[{ sequence: 1, type: 'workflow.started', at: at(1) }], /event 1 is missing/],
  ])('refuses %p', (events, message) => {
    expect(() => new EventReplayer(events as RunEvent[])).toThrow(message);
  });

  it.each([-1, 3, 1.5, Number.NaN, '1'])('has no state after event %p', (sequence) => {
    expect(() => new EventReplayer(history(started)).stateAt(sequence as number)).toThrow('There is no event');
  });

  it('knows the latest checkpoint of each loop, and what its rounds have closed though they are compacted', () => {
    const at = new Date(0);
    const events: RunEvent[] = [
      { sequence: 1, type: 'hook.created', at, id: 'inbox#1', attributes: { multiple: true } },
      { sequence: 2, type: 'hook.created', at, id: 'other#1', attributes: { multiple: true } },
      { sequence: 9, type: 'history.compacted', at, attributes: { from: 3, calls: {}, checkpoint: 'checkpoint#1' } },
      {
        sequence: 10,
        type: 'checkpoint.saved',
        at,
        id: 'checkpoint#4',
        data: { round: 4 },
        attributes: { counts: {}, hooks: { 'inbox#1': { closed: true }, 'other#1': {} } },
      },
      { sequence: 11, type: 'checkpoint.saved', at, id: 'pages#1', data: { page: 1 }, attributes: { counts: {} } },
    ];
    const { checkpoints, hooks } = new EventReplayer(events).state;
    expect(checkpoints).toEqual([
      { id: 'checkpoint#4', savedAt: at, state: { round: 4 } },
      { id: 'pages#1', savedAt: at, state: { page: 1 } },
    ]);
    expect(hooks.map(({ status }) => status)).toEqual(['closed', 'open']);
  });

  it('rebuilds a long history quickly enough to be used by hand', () => {
    const drafts = Array.from({ length: 5_000 }, (_, index): Draft[] => [
      scheduled(`a#${index}`),
      ['step.completed', { id: `a#${index}`, attributes: { attempt: 1 } }],
    ]).flat();
    expect(new EventReplayer(history(started, ...drafts)).state.steps).toHaveLength(5_000);
  });
});
