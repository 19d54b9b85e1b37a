/* oxlint-disable max-lines-per-function -- a suite is a list of tests */
import type { InboxDraft, InboxNews, WorkflowStore } from '../core/index.js';
import {
  cancelRequested,
  commitOf,
  completing,
  delivery,
  given,
  givenHook,
  givenReleased,
  hook,
  keysOf,
  message,
  numbers,
  release,
  resumed,
  stepCompleted,
  T,
  UNTIL,
} from './store-contract-makers.js';

const ATTEMPT = { attributes: { attempt: 2 } };

const DRAFTS: readonly InboxDraft[] = [
  stepCompleted('charge#1'),
  { type: 'step.failed', id: 'charge#1', payload: '{}', ...ATTEMPT },
  { type: 'step.retrying', id: 'charge#1', payload: '{}', attributes: { attempt: 2, retryAt: T + 5 } },
  { type: 'step.exhausted', id: 'charge#1', payload: '{}', ...ATTEMPT },
  { type: 'step.lost', id: 'charge#1', attributes: { attempt: 2, handedBack: true } },
  { type: 'hook.received', id: 'approval#1', payload: 'null' },
  cancelRequested,
  resumed,
];

export function describeInbox(open: () => WorkflowStore): void {
  describe('append', () => describeAppend(open));
  describe('what is delivered to a hook', () => describeNews(open));
  describe('heartbeats', () => describeHeartbeats(open));
  describe('processes', () => describeProcesses(open));
}

function describeAppend(open: () => WorkflowStore): void {
  it('puts a message into the inbox of a run that nobody holds', async () => {
    const store = open();
    await givenReleased(store, 'r1', 'suspended');
    const appended = await store.append(message('r1', 'a'));
    expect(appended).toEqual({ type: 'appended' });
    expect(await store.inbox('r1')).toEqual([message('r1', 'a')]);
  });

  it('names the holder of the run', async () => {
    const store = open();
    await given(store, 'r1');
    expect(await store.append(message('r1', 'a'))).toEqual({ type: 'appended', owner: 'A' });
    expect(await store.append(message('r1', 'a'))).toEqual({ type: 'duplicate', owner: 'A' });
  });

  it('does not touch the row', async () => {
    const store = open();
    await givenReleased(store, 'r1', 'suspended', T + 99);
    const before = await store.runs.get('r1');
    await store.append(message('r1', 'a', { receivedAt: T + 5 }));
    expect(await store.runs.get('r1')).toEqual(before);
  });

  it('keeps every kind of message as it was', async () => {
    const store = open();
    await given(store, 'r1');
    const messages = DRAFTS.map((draft, index) => message('r1', `k${index}`, { draft, receivedAt: T + index }));
    for (const next of messages) await store.append(next);
    expect(await store.inbox('r1')).toEqual(messages);
  });

  it('keeps the order of arrival, whatever the keys and the times', async () => {
    const store = open();
    await given(store, 'r1');
    const keys = ['m', 'z', 'a', 'B', '10', '9'];
    for (const [index, key] of keys.entries()) await store.append(message('r1', key, { receivedAt: T - index }));
    expect(await keysOf(store, 'r1')).toEqual(keys);
  });

  it('takes one message per key, the first', async () => {
    const store = open();
    await given(store, 'r1');
    await store.append(message('r1', 'a', { draft: stepCompleted('x', '1') }));
    expect(await store.append(message('r1', 'a', { draft: stepCompleted('x', '2') }))).toMatchObject({
      type: 'duplicate',
    });
    expect(await store.inbox('r1')).toEqual([message('r1', 'a', { draft: stepCompleted('x', '1') })]);
  });

  it('knows a key after its message was consumed, as long as the run lives', async () => {
    const store = open();
    await given(store, 'r1');
    await store.append(message('r1', 'a'));
    await store.commit(commitOf('r1', 1, { consumes: ['a'] }));
    await store.commit(commitOf('r1', 2, { lease: release() }));
    expect(await store.append(message('r1', 'a'))).toEqual({ type: 'duplicate' });
    expect(await store.inbox('r1')).toEqual([]);
    await store.claim({ runId: 'r1', owner: 'B', now: T, until: UNTIL });
    expect(await store.append(message('r1', 'a'))).toEqual({ type: 'duplicate', owner: 'B' });
  });

  it('takes a key again that a commit has forgotten, and no other', async () => {
    const store = open();
    await given(store, 'r1');
    for (const key of ['a', 'b', 'c']) await store.append(message('r1', key));
    await store.commit(commitOf('r1', 1, { consumes: ['a', 'b'], forgets: ['a'] }));
    expect(await keysOf(store, 'r1')).toEqual(['c']);
    expect(await store.append(message('r1', 'a'))).toMatchObject({ type: 'appended' });
    expect(await store.append(message('r1', 'b'))).toMatchObject({ type: 'duplicate' });
    expect(await keysOf(store, 'r1')).toEqual(['c', 'a']);
  });

  it('forgets no key of a commit that was refused, and none of another run', async () => {
    const store = open();
    await given(store, 'r1');
    await given(store, 'r2');
    for (const runId of ['r1', 'r2']) await store.append(message(runId, 'a'));
    await store.commit(commitOf('r1', 1, { fence: 7, consumes: ['a'], forgets: ['a'] }));
    await store.commit(commitOf('r2', 1, { consumes: ['a'], forgets: ['a'] }));
    expect(await store.append(message('r1', 'a'))).toMatchObject({ type: 'duplicate' });
    expect(await keysOf(store, 'r1')).toEqual(['a']);
  });

  it('takes the same key of another run', async () => {
    const store = open();
    await given(store, 'r1');
    await given(store, 'r2');
    await store.append(message('r1', 'a'));
    expect(await store.append(message('r2', 'a'))).toMatchObject({ type: 'appended' });
  });

  it('tells that there is no such run', async () => {
    const store = open();
    expect(await store.append(message('nobody', 'a'))).toEqual({ type: 'unknown' });
    expect(await store.inbox('nobody')).toEqual([]);
  });

  it('tells that the run has ended, and how', async () => {
    const store = open();
    await given(store, 'r1');
    await store.append(message('r1', 'a'));
    await store.commit(completing('r1', { run: { status: 'cancelled' } }));
    expect(await store.append(message('r1', 'b'))).toEqual({ type: 'ended', status: 'cancelled' });
    expect(await store.append(message('r1', 'a'))).toEqual({ type: 'ended', status: 'cancelled' });
    expect(await store.inbox('r1')).toEqual([]);
  });
}

function describeNews(open: () => WorkflowStore): void {
  const newsOf = async (store: WorkflowStore, token: string): Promise<InboxNews | undefined> => {
    const delivered = await store.deliverHook(delivery(token));
    return 'news' in delivered ? delivered.news : undefined;
  };

  it('is news for the holder of the run if nothing else waits, as far as the store tells any', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't1'), hook('r1', 't2', { id: 'b#1' }));
    const first = await newsOf(store, 't1');
    expect([undefined, { fence: 1, message: (await store.inbox('r1'))[0] }]).toContainEqual(first);
    await store.commit(commitOf('r1', 1, { consumes: ['hook:approval#1'] }));
    const next = await newsOf(store, 't2');
    expect([undefined, { fence: 1, message: (await store.inbox('r1'))[0] }]).toContainEqual(next);
  });

  it('is no news while something else waits, or if nobody holds the run', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't1'));
    await store.append(message('r1', 'a'));
    expect(await newsOf(store, 't1')).toBeUndefined();
    await given(store, 'r2', { opensHooks: [hook('r2', 't2')], run: { status: 'paused' }, lease: release() });
    expect(await newsOf(store, 't2')).toBeUndefined();
  });
}

function describeHeartbeats(open: () => WorkflowStore): void {
  const beat = (id: string, until: number, runId = 'r1') => ({ runId, id, attempt: 1, worker: 'W', until });

  it('are kept by step call, the latest only', async () => {
    const store = open();
    await given(store, 'r1');
    await store.heartbeat([beat('a#1', T), beat('b#1', T)]);
    await store.heartbeat([{ ...beat('a#1', T + 5), attempt: 2, worker: 'V' }]);
    const beats = [...(await store.heartbeats('r1'))].sort((one, other) => (one.id < other.id ? -1 : 1));
    expect(beats).toEqual([{ ...beat('a#1', T + 5), attempt: 2, worker: 'V' }, beat('b#1', T)]);
  });

  it('of one step call in one batch are its last one', async () => {
    const store = open();
    await given(store, 'r1');
    await store.heartbeat([beat('a#1', T), beat('a#1', T + 5)]);
    expect(await store.heartbeats('r1')).toEqual([beat('a#1', T + 5)]);
  });

  it('are kept by run', async () => {
    const store = open();
    await given(store, 'r1');
    await given(store, 'r2');
    await store.heartbeat([beat('a#1', T), beat('a#1', T + 5, 'r2')]);
    expect(await store.heartbeats('r1')).toEqual([beat('a#1', T)]);
    expect(await store.heartbeats('r2')).toEqual([beat('a#1', T + 5, 'r2')]);
    expect(await store.heartbeats('r3')).toEqual([]);
  });

  it('are found by step call', async () => {
    const store = open();
    await given(store, 'r1');
    await store.heartbeat([beat('a#1', T), beat('b#1', T), beat('c#1', T)]);
    expect(await store.heartbeats('r1', ['b#1', 'no#1'])).toEqual([beat('b#1', T)]);
    expect(await store.heartbeats('r1', [])).toEqual([]);
  });

  it('of an attempt that is superseded are refused', async () => {
    const store = open();
    await given(store, 'r1');
    const second = { ...beat('a#1', T + 5), attempt: 2, worker: 'V' };
    expect(await store.heartbeat([beat('a#1', T), beat('b#1', T)])).toEqual([]);
    expect(await store.heartbeat([second])).toEqual([]);
    expect(await store.heartbeat([beat('a#1', T + 9), beat('b#1', T + 9)])).toEqual([beat('a#1', T + 9)]);
    const beats = [...(await store.heartbeats('r1'))].sort((one, other) => (one.id < other.id ? -1 : 1));
    expect(beats).toEqual([second, beat('b#1', T + 9)]);
  });

  it('begin an attempt once: those of another worker are refused, also behind their time', async () => {
    const store = open();
    await given(store, 'r1');
    const others = { ...beat('a#1', T + 90_000), worker: 'V' };
    expect(await store.heartbeat([beat('a#1', T)])).toEqual([]);
    expect(await store.heartbeat([others])).toEqual([others]);
    expect(await store.heartbeat([beat('a#1', T + 5)])).toEqual([]);
    const racing = await Promise.all(numbers(5).map((n) => store.heartbeat([{ ...beat('b#1', T), worker: `W${n}` }])));
    expect(racing.filter(({ length }) => length === 0)).toHaveLength(1);
  });

  it('that begin an attempt are refused once it was begun, also to its own worker', async () => {
    const store = open();
    await given(store, 'r1');
    const begin = { ...beat('a#1', T), begins: true as const };
    expect(await store.heartbeat([begin, { ...begin, id: 'b#1' }])).toEqual([]);
    expect(await store.heartbeats('r1', ['a#1'])).toEqual([beat('a#1', T)]);
    expect(await store.heartbeat([beat('b#1', T + 5), begin])).toEqual([begin]);
    expect(await store.heartbeat([{ ...begin, attempt: 2 }])).toEqual([]);
    const racing = await Promise.all(numbers(5).map(() => store.heartbeat([{ ...begin, id: 'c#1' }])));
    expect(racing.filter(({ length }) => length === 0)).toHaveLength(1);
  });

  it('of a run that has ended, or that nobody knows, are refused', async () => {
    const store = open();
    await given(store, 'r1');
    await store.commit(completing('r1'));
    const beats = [beat('a#1', T), beat('a#1', T, 'no')];
    expect(await store.heartbeat(beats)).toEqual(beats);
    expect([await store.heartbeats('r1'), await store.heartbeats('no')]).toEqual([[], []]);
  });

  it('may be none', async () => {
    await expect(open().heartbeat([])).resolves.toEqual([]);
  });
}

function describeProcesses(open: () => WorkflowStore): void {
  const process = { owner: 'A', role: 'all', workflows: ['order@1'], steps: ['charge', 'ship'], until: UNTIL };

  it('are known as long as they have said, and with what they said last', async () => {
    const store = open();
    const other = { ...process, owner: 'B', role: 'step-worker', workflows: [], until: UNTIL + 9 };
    await store.announce({ ...process, steps: [] });
    await store.announce(other);
    await store.announce(process);
    expect(await store.processes(T)).toEqual([process, other]);
    expect(await store.processes(UNTIL)).toEqual([other]);
    expect(await store.processes(T)).toEqual([other]);
  });

  it('that stop take their word back', async () => {
    const store = open();
    await store.announce(process);
    await store.announce({ ...process, until: 0 });
    expect(await store.processes(T)).toEqual([]);
  });

  it('are told the time by a store that has a clock', async () => {
    const time = await open().announce(process);
    expect(time === undefined || Math.abs(time - Date.now()) < 3_600_000).toBe(true);
  });
}
