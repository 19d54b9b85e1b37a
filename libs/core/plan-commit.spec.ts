import type { NewRun } from './commit.js';
import {
  codec,
  completed,
  completedRun,
  conflicted,
  expired,
  failedRun,
  hookCreated,
  received,
  scheduled,
  started,
} from './core.spec-helpers.js';
import type { EventDraft, HistoryEvent } from './history-event.js';
import { type CommitContext, planCommit } from './plan-commit.js';
import { RunState } from './run-state.js';

const context: CommitContext = {
  fence: 4,
  lease: { type: 'release', owner: 'A', until: 900, wakeAt: 500 },
  consumes: ['key 1', 'key 2'],
  isExecuting: false,
  recoveryAttempts: 2,
};

/** The plan for some new events behind others that are committed. */
function plan(committed: EventDraft[], added: EventDraft[], changes: Partial<CommitContext> = {}) {
  const state = new RunState('run-1');
  const place = (draft: EventDraft): HistoryEvent => {
    const event = state.place(draft, 100);
    state.apply(event);
    return event;
  };
  committed.forEach(place);
  const events = added.map(place);
  return { commit: planCommit(state, events, { ...context, ...changes }), events, state };
}

describe('a commit', () => {
  test('has the run, its fence and its lease, its events and what they consume', () => {
    const { commit, events } = plan([started(), scheduled('a#1')], [completed('a#1'), scheduled('b#1')]);
    expect(commit).toEqual({
      runId: 'run-1',
      fence: 4,
      baseSequence: 2,
      events,
      run: { status: 'suspended', updatedAt: 100, recoveryAttempts: 2 },
      consumes: ['key 1', 'key 2'],
      opensHooks: [],
      expiresHooks: [],
      closesHooks: [],
      lease: context.lease,
    });
  });

  test('says which keys are to be forgotten, if there are any', () => {
    const forgets = (changes: Partial<CommitContext>) => plan([], [], changes).commit.forgets;
    expect(forgets({ forgets: ['key 2'] })).toEqual(['key 2']);
    expect(forgets({ forgets: [] })).toBeUndefined();
    expect(forgets({})).toBeUndefined();
  });

  test('compacts what is superseded and committed, once there is enough of it', () => {
    const attempts = [1, 2, 3].map((attempt): EventDraft => ({
      type: 'step.lost',
      id: 'a#1',
      attributes: { attempt },
    }));
    const committed = [started(), scheduled('a#1'), ...attempts];
    const { commit } = plan(committed, [completed('a#1', 1, 4)], { compactAfter: 3 });
    expect(commit.compacts).toMatchObject([{ sequence: 5, attributes: { from: 3 } }]);
    expect(plan(committed, [completed('a#1', 1, 4)], { compactAfter: 4 }).commit.compacts).toBeUndefined();
    expect(plan(committed, [completed('a#1', 1, 4)]).commit.compacts).toBeUndefined();
    const all = plan([started()], [scheduled('a#1'), ...attempts, completed('a#1', 1, 4)], { compactAfter: 1 });
    expect(all.commit.compacts).toBeUndefined();
  });

  test('goes on from the last committed event', () => {
    expect(plan([], [started()]).commit.baseSequence).toBe(0);
    expect(plan([started()], [scheduled('a#1'), scheduled('b#1')]).commit.baseSequence).toBe(1);
  });

  test('without events goes on from where the run is', () => {
    expect(plan([started(), scheduled('a#1')], []).commit).toMatchObject({ baseSequence: 2, events: [] });
  });

  test('creates a run if told to, and only then', () => {
    const create: NewRun = { workflow: 'order', version: 1, tags: [], createdAt: 100 };
    expect(plan([], [started()], { create }).commit.create).toBe(create);
    expect(plan([], [started()]).commit.create).toBeUndefined();
  });
});

describe('the run row', () => {
  test('is running while step attempts run in the process that holds it, and suspended otherwise', () => {
    expect(plan([], [started()], { isExecuting: true }).commit.run.status).toBe('running');
    expect(plan([], [started()], { isExecuting: false }).commit.run.status).toBe('suspended');
  });

  test.each<[EventDraft, string, string]>([
    [{ type: 'workflow.blocked', attributes: { reason: 'no code' } }, 'blocked', 'no code'],
    [{ type: 'workflow.paused', attributes: { reason: 'by ada' } }, 'paused', 'by ada'],
  ])('has the reason of %j, even while attempts run', (event, status, reason) => {
    const { run } = plan([started()], [event], { isExecuting: true }).commit;
    expect(run).toEqual({ status, reason, updatedAt: 100, recoveryAttempts: 2 });
  });

  test('has no reason once the run is resumed', () => {
    const paused: EventDraft = { type: 'workflow.paused', attributes: { reason: 'by ada' } };
    expect(plan([started(), paused], [{ type: 'workflow.resumed' }]).commit.run.reason).toBeUndefined();
  });

  test.each<[EventDraft, object]>([
    [completedRun('A'), { status: 'completed', output: codec.encode('A') }],
    [failedRun('boom'), { status: 'failed', error: codec.encode(new Error('boom')) }],
    [
      { type: 'workflow.cancelled', payload: 'why' },
      { status: 'cancelled', error: 'why' },
    ],
  ])('has the end of %j and its time', (end, expected) => {
    const { run } = plan([started()], [end], { isExecuting: true }).commit;
    expect(run).toEqual({ ...expected, endedAt: 100, updatedAt: 100, recoveryAttempts: 2 });
  });

  test('has no end while the run goes on', () => {
    const { run } = plan([started()], [scheduled('a#1')]).commit;
    expect(run).toEqual({ status: 'suspended', updatedAt: 100, recoveryAttempts: 2 });
  });

  test('of a run that ended without a result has no result', () => {
    const { state } = plan([started()], []);
    state.status = 'continued_as_new';
    expect(planCommit(state, [], context).run).toEqual({
      status: 'continued_as_new',
      updatedAt: 100,
      recoveryAttempts: 2,
    });
  });
});

describe('the hooks of a commit', () => {
  test('are opened with their rows', () => {
    const { commit } = plan(
      [started()],
      [hookCreated('h#1'), hookCreated('h#2', { expiresAt: 70, multiple: true, defined: true })],
    );
    const common = { runId: 'run-1', status: 'open', createdAt: 100 };
    expect(commit.opensHooks).toEqual([
      { ...common, id: 'h#1', token: 'token of h#1', multiple: false },
      { ...common, id: 'h#2', token: 'token of h#2', multiple: true, expiresAt: 70, defined: true },
    ]);
  });

  test('are not opened if their token turned out to be taken', () => {
    const { commit } = plan([started()], [hookCreated('h#1'), hookCreated('h#2'), conflicted('h#1')]);
    expect(commit.opensHooks.map(({ id }) => id)).toEqual(['h#2']);
  });

  test('are expired and closed by their ids', () => {
    const open = [started(), hookCreated('h#1'), hookCreated('h#2'), hookCreated('h#3')];
    const { commit } = plan(open, [expired('h#1'), { type: 'hook.closed', id: 'h#2' }, received('h#3', 1)]);
    expect(commit).toMatchObject({ opensHooks: [], expiresHooks: ['h#1'], closesHooks: ['h#2'] });
  });

  test('that are opened and closed at once are rows of closed hooks', () => {
    const close: EventDraft = { type: 'hook.closed', id: 'h#1' };
    const { commit } = plan([started()], [hookCreated('h#1'), close, hookCreated('h#2')]);
    expect(commit.opensHooks.map(({ id, status }) => [id, status])).toEqual([
      ['h#1', 'closed'],
      ['h#2', 'open'],
    ]);
    expect(commit.closesHooks).toEqual([]);
  });

  test('that are opened by the commit that ends the run are rows of closed hooks', () => {
    const { commit } = plan([started()], [hookCreated('h#1'), completedRun()]);
    expect(commit.opensHooks).toMatchObject([{ id: 'h#1', status: 'closed' }]);
  });

  test('are left to the store if the run ends with hooks of earlier commits open', () => {
    const { commit } = plan([started(), hookCreated('h#1')], [completedRun()]);
    expect(commit).toMatchObject({ opensHooks: [], expiresHooks: [], closesHooks: [] });
  });
});
