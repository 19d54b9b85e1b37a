/* oxlint-disable max-lines-per-function -- a suite is a list of tests */
import type { WorkflowStore } from '../core/index.js';
import {
  cancelRequested,
  commitOf,
  completing,
  dueIds,
  given,
  givenReleased,
  hold,
  message,
  numbers,
  release,
  resumed,
  T,
  UNTIL,
} from './store-contract-makers.js';

export function describeDue(open: () => WorkflowStore): void {
  describe('due', () => {
    describeAlarms(open);
    describeMessages(open);
  });
}

function describeAlarms(open: () => WorkflowStore): void {
  it('finds runs whose alarm has come, the earliest first', async () => {
    const store = open();
    await givenReleased(store, 'later', 'suspended', T + 2_500);
    await givenReleased(store, 'now', 'pending', T + 5_000);
    await givenReleased(store, 'first', 'suspended', T + 2_400);
    await givenReleased(store, 'not yet', 'suspended', T + 5_001);
    await givenReleased(store, 'never', 'suspended');
    expect(await store.due(T + 5_000, 10)).toEqual([
      { runId: 'first', at: T + 2_400, suspect: false },
      { runId: 'later', at: T + 2_500, suspect: false },
      { runId: 'now', at: T + 5_000, suspect: false },
    ]);
  });

  it('tells alarms ahead of runs that nobody holds, and no expiry of a lease ahead', async () => {
    const store = open();
    await given(store, 'held');
    await givenReleased(store, 'soon', 'suspended', UNTIL - 1);
    await givenReleased(store, 'later', 'suspended', UNTIL + 2);
    expect((await store.due(T, 10, UNTIL + 1)).map(({ runId }) => runId)).toEqual(['soon']);
    expect((await store.due(UNTIL, 10, UNTIL + 2)).map(({ runId }) => runId)).toEqual(['soon', 'held', 'later']);
  });

  it('finds at most as many as asked for, the earliest of both kinds', async () => {
    const store = open();
    for (const index of numbers(6)) await givenReleased(store, `alarm ${index}`, 'suspended', T + index * 10);
    for (const index of numbers(6)) {
      await givenReleased(store, `message ${index}`, 'suspended');
      await store.append(message(`message ${index}`, 'a', { receivedAt: T + index * 10 + 5 }));
    }
    const found = (await store.due(T + 1_000, 5)).map(({ runId }) => runId);
    expect(found).toEqual(['alarm 0', 'message 0', 'alarm 1', 'message 1', 'alarm 2']);
    expect(await store.due(T + 1_000, 100)).toHaveLength(12);
  });

  it('suspects a run that was running under a lease that nobody gave up', async () => {
    const store = open();
    await given(store, 'running');
    await given(store, 'suspended', { run: { status: 'suspended' }, lease: hold('A', UNTIL + 1) });
    await given(store, 'paused', { run: { status: 'paused' }, lease: hold('A', UNTIL + 2) });
    await givenReleased(store, 'released', 'running', UNTIL + 3);
    expect(await store.due(UNTIL - 1, 10)).toEqual([]);
    expect(await store.due(UNTIL + 3, 10)).toEqual([
      { runId: 'running', at: UNTIL, suspect: true },
      { runId: 'suspended', at: UNTIL + 1, suspect: false },
      { runId: 'paused', at: UNTIL + 2, suspect: false },
      { runId: 'released', at: UNTIL + 3, suspect: false },
    ]);
  });

  it('follows the alarm wherever it is moved', async () => {
    const store = open();
    await given(store, 'r1');
    await store.commit(commitOf('r1', 1, { lease: hold('A', UNTIL + 10) }));
    expect(await dueIds(store, UNTIL + 9)).toEqual([]);
    await store.renew([{ runId: 'r1', owner: 'A', fence: 1 }], UNTIL + 20);
    expect(await dueIds(store, UNTIL + 19)).toEqual([]);
    await store.release([{ runId: 'r1', owner: 'A', fence: 1, wakeAt: T + 3 }]);
    expect(await dueIds(store, T + 3)).toEqual(['r1']);
    await store.claim({ runId: 'r1', owner: 'B', now: T + 3, until: UNTIL + 30 });
    expect(await dueIds(store, UNTIL + 29)).toEqual([]);
    expect(await dueIds(store, UNTIL + 30)).toEqual(['r1']);
  });

  it('finds a run again as long as nobody has looked at it', async () => {
    const store = open();
    await givenReleased(store, 'r1', 'suspended', T);
    expect(await dueIds(store, T)).toEqual(['r1']);
    expect(await dueIds(store, T)).toEqual(['r1']);
  });

  it('finds a blocked run by its alarm, and an ended one never', async () => {
    const store = open();
    await givenReleased(store, 'blocked', 'blocked', T);
    await given(store, 'ended');
    await store.commit(completing('ended', { lease: release(T) }));
    expect(await dueIds(store, UNTIL + 1)).toEqual(['blocked']);
  });
}

function describeMessages(open: () => WorkflowStore): void {
  it('finds a run without a lease by its oldest message', async () => {
    const store = open();
    await givenReleased(store, 'r1', 'suspended');
    await store.append(message('r1', 'a', { receivedAt: T + 20 }));
    await store.append(message('r1', 'b', { receivedAt: T + 10 }));
    expect(await store.due(T + 9, 10)).toEqual([]);
    expect(await store.due(T + 10, 10)).toEqual([{ runId: 'r1', at: T + 10, suspect: false }]);
  });

  it('finds a run once that has both an alarm and messages, by what is earlier', async () => {
    const store = open();
    await givenReleased(store, 'alarm', 'suspended', T + 1);
    await givenReleased(store, 'message', 'suspended', T + 9);
    for (const runId of ['alarm', 'message']) {
      await store.append(message(runId, 'a', { receivedAt: T + 5 }));
      await store.append(message(runId, 'b', { receivedAt: T + 6 }));
    }
    expect(await store.due(T + 100, 10)).toMatchObject([
      { runId: 'alarm', at: T + 1 },
      { runId: 'message', at: T + 5 },
    ]);
  });

  it('leaves a run with messages to its holder, until the lease expires', async () => {
    const store = open();
    await given(store, 'r1');
    await store.append(message('r1', 'a'));
    expect(await dueIds(store, UNTIL - 1)).toEqual([]);
    expect(await dueIds(store, UNTIL)).toEqual(['r1']);
  });

  it('does not count messages that were consumed', async () => {
    const store = open();
    await given(store, 'r1');
    await store.append(message('r1', 'a'));
    await store.commit(commitOf('r1', 1, { consumes: ['a'], lease: release() }));
    await store.append(message('r1', 'a'));
    expect(await dueIds(store, UNTIL)).toEqual([]);
  });

  it.each(['blocked', 'paused'] as const)('finds a %s run only by a request to resume or to cancel', async (status) => {
    const store = open();
    for (const runId of ['step', 'resumed', 'cancelled']) {
      await givenReleased(store, runId, status);
      await store.append(message(runId, 'a', { receivedAt: T }));
    }
    await store.append(message('resumed', 'b', { draft: resumed, receivedAt: T + 7 }));
    await store.append(message('cancelled', 'b', { draft: cancelRequested, receivedAt: T + 8 }));
    expect(await store.due(UNTIL, 10)).toEqual([
      { runId: 'resumed', at: T + 7, suspect: false },
      { runId: 'cancelled', at: T + 8, suspect: false },
    ]);
  });

  it('finds a run by the messages that came before it was released as blocked, once it is resumed', async () => {
    const store = open();
    await given(store, 'r1', { run: { status: 'blocked' } });
    await store.append(message('r1', 'a'));
    await store.commit(commitOf('r1', 1, { run: { status: 'blocked' }, lease: release() }));
    expect(await dueIds(store, UNTIL)).toEqual([]);
    await store.claim({ runId: 'r1', owner: 'A', now: T, until: UNTIL });
    const resuming = commitOf('r1', 2, { fence: 2, run: { status: 'running' }, lease: release() });
    expect(await store.commit(resuming)).toEqual({ type: 'committed', released: false });
  });
}
