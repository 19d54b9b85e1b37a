/* oxlint-disable max-lines-per-function -- a suite is a list of tests */
import type { RunStatus, WorkflowStore } from '../core/index.js';
import {
  cancelRequested,
  commitOf,
  committed,
  completing,
  delivery,
  given,
  givenHook,
  givenReleased,
  hold,
  hook,
  hookStatuses,
  keysOf,
  message,
  release,
  resumed,
  T,
  UNTIL,
} from './store-contract-makers.js';

const ENDED: readonly RunStatus[] = ['completed', 'failed', 'cancelled', 'continued_as_new'];

export function describeLettingGo(open: () => WorkflowStore): void {
  describe('a commit that ends a run', () => describeEnding(open));
  describe('a commit that releases the run', () => describeRelease(open));
}

function describeEnding(open: () => WorkflowStore): void {
  it.each(ENDED)('as %s frees it whatever the lease says', async (status) => {
    const store = open();
    await given(store, 'r1');
    const run = { status, endedAt: T + 3, output: '1', error: '2' };
    expect(await store.commit(completing('r1', { run, lease: hold('A', UNTIL + 5) }))).toEqual(committed(true));
    const row = await store.runs.get('r1');
    expect(row).toMatchObject({ ...run, sequence: 2 });
    expect([row?.owner, row?.leaseUntil, row?.wakeAt]).toEqual([undefined, undefined, undefined]);
  });

  it('sets no alarm, even if it asks for one', async () => {
    const store = open();
    await given(store, 'r1');
    await store.commit(completing('r1', { lease: release(T + 5) }));
    expect((await store.runs.get('r1'))?.wakeAt).toBeUndefined();
    expect(await store.due(T + 1_000_000, 10)).toEqual([]);
  });

  it('leaves no message, no heartbeat and no open hook behind', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't1'), hook('r1', 't2', { id: 'b#1' }), hook('r1', 't3', { id: 'c#1' }));
    await given(store, 'r2');
    await store.deliverHook(delivery('t1'));
    await store.append(message('r1', 'a'));
    await store.append(message('r2', 'a'));
    const beat = { id: 'charge#2', attempt: 1, worker: 'W', until: UNTIL };
    await store.heartbeat([
      { runId: 'r1', ...beat },
      { runId: 'r2', ...beat },
    ]);
    expect(await store.commit(completing('r1', { consumes: ['hook:approval#1'] }))).toEqual(committed(true));
    expect([await keysOf(store, 'r1'), await store.heartbeats('r1')]).toEqual([[], []]);
    expect(await hookStatuses(store, 'r1')).toEqual(['received', 'closed', 'closed']);
    expect([(await keysOf(store, 'r2')).length, (await store.heartbeats('r2')).length]).toEqual([1, 1]);
  });
}

function describeRelease(open: () => WorkflowStore): void {
  it('whose inbox is empty gives it up', async () => {
    const store = open();
    await given(store, 'r1');
    expect(await store.commit(commitOf('r1', 1, { run: { status: 'suspended' }, lease: release() }))).toEqual(
      committed(true),
    );
    const row = await store.runs.get('r1');
    expect([row?.status, row?.owner, row?.leaseUntil, row?.wakeAt]).toEqual([
      'suspended',
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('and consumes the whole inbox gives it up', async () => {
    const store = open();
    await given(store, 'r1');
    await store.append(message('r1', 'a'));
    await store.append(message('r1', 'b'));
    const commit = commitOf('r1', 1, { consumes: ['b', 'a'], lease: release(T + 9) });
    expect(await store.commit(commit)).toEqual(committed(true));
    expect(await store.runs.get('r1')).toMatchObject({ wakeAt: T + 9 });
  });

  it('holds it after all if a message came that it does not consume', async () => {
    const store = open();
    await given(store, 'r1');
    await store.append(message('r1', 'a'));
    await store.append(message('r1', 'b'));
    const commit = commitOf('r1', 1, { consumes: ['a'], lease: release(T + 9, 'A', UNTIL + 5) });
    expect(await store.commit(commit)).toEqual(committed(false));
    expect(await store.runs.get('r1')).toMatchObject({
      owner: 'A',
      leaseUntil: UNTIL + 5,
      wakeAt: UNTIL + 5,
      sequence: 2,
    });
  });

  it.each(['blocked', 'paused'] as const)(
    'as %s gives it up over messages that wait for a person too',
    async (status) => {
      const store = open();
      await given(store, 'r1');
      await store.append(message('r1', 'a'));
      expect(await store.commit(commitOf('r1', 1, { run: { status }, lease: release() }))).toEqual(committed(true));
      expect(await keysOf(store, 'r1')).toEqual(['a']);
    },
  );

  it.each([resumed, cancelRequested])('as blocked holds it after all for $type', async (draft) => {
    const store = open();
    await given(store, 'r1', { run: { status: 'blocked' } });
    await store.append(message('r1', 'a', { draft }));
    expect(await store.commit(commitOf('r1', 1, { run: { status: 'blocked' }, lease: release() }))).toEqual(
      committed(false),
    );
  });

  it('lets the next claimer go on with the next fence', async () => {
    const store = open();
    await givenReleased(store, 'r1', 'suspended');
    expect(await store.claim({ runId: 'r1', owner: 'B', now: T, until: UNTIL })).toMatchObject({ run: { fence: 2 } });
    expect(await store.commit(commitOf('r1', 1, { fence: 2, lease: release(undefined, 'B') }))).toEqual(
      committed(true),
    );
  });
}
