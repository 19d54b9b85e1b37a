/* oxlint-disable max-lines-per-function -- a suite is a list of tests */
import type { RunRecord, WorkflowStore } from '../core/index.js';
import {
  cancelRequested,
  commitOf,
  completing,
  fenced,
  given,
  givenReleased,
  hold,
  message,
  release,
  resumed,
  T,
  UNTIL,
} from './store-contract-makers.js';

const NOBODYS = [undefined, undefined] as const;

export function describeLeases(open: () => WorkflowStore): void {
  describe('claim', () => describeClaim(open));
  describe('claim counts as a recovery', () => describeRecovery(open));
  describe('release', () => describeRelease(open));
  describe('renew', () => describeRenew(open));
  describe('expireLeases', () => describeExpiry(open));
}

function claimOf(runId: string, owner: string, now = T) {
  return { runId, owner, now, until: now + 15_000 };
}

function leaseOf(run: RunRecord | undefined) {
  return [run?.owner, run?.leaseUntil] as const;
}

function describeClaim(open: () => WorkflowStore): void {
  it.each(['pending', 'suspended', 'running'] as const)(
    'takes a %s run, and returns it as it is then',
    async (status) => {
      const store = open();
      await givenReleased(store, 'r1', status, T + 5);
      const claimed = await store.claim(claimOf('r1', 'B'));
      expect(claimed?.run).toMatchObject({
        status: 'running',
        owner: 'B',
        leaseUntil: UNTIL,
        wakeAt: UNTIL,
        fence: 2,
        sequence: 1,
      });
      expect(claimed?.inbox).toEqual([]);
      expect(await store.runs.get('r1')).toEqual(claimed?.run);
    },
  );

  it.each(['blocked', 'paused'] as const)('leaves a %s run so', async (status) => {
    const store = open();
    await given(store, 'r1', { run: { status, reason: 'why' }, lease: release() });
    expect((await store.claim(claimOf('r1', 'B')))?.run).toMatchObject({ status, reason: 'why', owner: 'B', fence: 2 });
  });

  it('returns what no commit has consumed, the oldest first', async () => {
    const store = open();
    await given(store, 'r1');
    for (const key of ['z', 'b', 'a']) await store.append(message('r1', key));
    await store.commit(commitOf('r1', 1, { consumes: ['b'] }));
    const claimed = await store.claim(claimOf('r1', 'A'));
    expect(claimed?.inbox).toEqual([message('r1', 'z'), message('r1', 'a')]);
  });

  it('does not take a run that another process holds', async () => {
    const store = open();
    await given(store, 'r1');
    const before = await store.runs.get('r1');
    expect(await store.claim(claimOf('r1', 'B', UNTIL - 1))).toBeUndefined();
    expect(await store.runs.get('r1')).toEqual(before);
  });

  it('takes a run whose lease expires now, and fences the one that had it', async () => {
    const store = open();
    await given(store, 'r1');
    expect((await store.claim(claimOf('r1', 'B', UNTIL)))?.run).toMatchObject({ owner: 'B', fence: 2 });
    expect(await store.commit(commitOf('r1', 1))).toEqual(fenced);
    expect(await store.commit(commitOf('r1', 1, { fence: 2 }))).toEqual(fenced);
    expect(await store.commit(commitOf('r1', 1, { lease: hold('B') }))).toEqual(fenced);
  });

  it('takes its own run again, under a new fence', async () => {
    const store = open();
    await given(store, 'r1');
    expect((await store.claim(claimOf('r1', 'A', T + 1)))?.run).toMatchObject({
      owner: 'A',
      fence: 2,
      leaseUntil: UNTIL + 1,
    });
    expect(await store.commit(commitOf('r1', 1))).toEqual(fenced);
  });

  it('does not take a run that has ended, or none', async () => {
    const store = open();
    await given(store, 'r1');
    await store.commit(completing('r1'));
    expect(await store.claim(claimOf('r1', 'A', UNTIL))).toBeUndefined();
    expect(await store.claim(claimOf('nobody', 'A'))).toBeUndefined();
    expect(await store.runs.get('r1')).toMatchObject({ status: 'completed', fence: 1 });
  });
}

function describeRecovery(open: () => WorkflowStore): void {
  it('if the run was running under a lease that nobody gave up', async () => {
    const store = open();
    await given(store, 'r1', { run: { recoveryAttempts: 1 } });
    expect((await store.claim(claimOf('r1', 'B', UNTIL)))?.run.recoveryAttempts).toBe(2);
    expect((await store.claim(claimOf('r1', 'C', UNTIL + 15_000)))?.run.recoveryAttempts).toBe(3);
  });

  it('until a commit says otherwise', async () => {
    const store = open();
    await given(store, 'r1');
    await store.claim(claimOf('r1', 'B', UNTIL));
    await store.commit(commitOf('r1', 1, { fence: 2, lease: hold('B') }));
    expect((await store.runs.get('r1'))?.recoveryAttempts).toBe(0);
  });

  it('not if its own process takes it again', async () => {
    const store = open();
    await given(store, 'r1');
    expect((await store.claim(claimOf('r1', 'A', UNTIL)))?.run.recoveryAttempts).toBe(0);
  });

  it('not if the lease was given up', async () => {
    const store = open();
    await givenReleased(store, 'r1', 'running');
    expect((await store.claim(claimOf('r1', 'B')))?.run.recoveryAttempts).toBe(0);
  });

  it.each(['suspended', 'pending', 'blocked', 'paused'] as const)('not if the run was held but %s', async (status) => {
    const store = open();
    await given(store, 'r1', { run: { status } });
    expect((await store.claim(claimOf('r1', 'B', UNTIL)))?.run).toMatchObject({ recoveryAttempts: 0, owner: 'B' });
  });
}

function describeRelease(open: () => WorkflowStore): void {
  const held = { runId: 'r1', owner: 'A', fence: 1 };

  it('gives up a run and sets its alarm', async () => {
    const store = open();
    await given(store, 'r1');
    expect(await store.release([{ ...held, wakeAt: T + 7 }])).toEqual([]);
    const run = await store.runs.get('r1');
    expect(leaseOf(run)).toEqual(NOBODYS);
    expect(run).toMatchObject({ wakeAt: T + 7, fence: 1, sequence: 1 });
    expect(await store.commit(commitOf('r1', 1))).toEqual(fenced);
  });

  it('without an alarm leaves none', async () => {
    const store = open();
    await given(store, 'r1');
    await store.release([held]);
    expect((await store.runs.get('r1'))?.wakeAt).toBeUndefined();
  });

  it('holds on to a run whose inbox holds a message, and names it', async () => {
    const store = open();
    await given(store, 'r1');
    await store.append(message('r1', 'a'));
    const before = await store.runs.get('r1');
    expect(await store.release([{ ...held, wakeAt: T + 7 }])).toEqual(['r1']);
    expect(await store.runs.get('r1')).toEqual(before);
  });

  it('gives up a run whose messages were all consumed', async () => {
    const store = open();
    await given(store, 'r1');
    await store.append(message('r1', 'a'));
    await store.commit(commitOf('r1', 1, { consumes: ['a'] }));
    expect(await store.release([held])).toEqual([]);
    expect(leaseOf(await store.runs.get('r1'))).toEqual(NOBODYS);
  });

  it.each(['blocked', 'paused'] as const)('gives up a %s run over a message, but not over a person', async (status) => {
    const store = open();
    for (const runId of ['r1', 'r2', 'r3']) await given(store, runId, { run: { status } });
    await store.append(message('r1', 'a'));
    await store.append(message('r2', 'a', { draft: resumed }));
    await store.append(message('r3', 'a', { draft: cancelRequested }));
    const named = await store.release(['r1', 'r2', 'r3'].map((runId) => ({ ...held, runId })));
    expect([...named].sort()).toEqual(['r2', 'r3']);
    expect(leaseOf(await store.runs.get('r1'))).toEqual(NOBODYS);
  });

  it('leaves a run alone that is not held with that fence by that process', async () => {
    const store = open();
    await given(store, 'r1');
    await given(store, 'ended');
    await store.commit(completing('ended'));
    await store.append(message('r1', 'a'));
    const before = await store.runs.get('r1');
    const stale = [
      { ...held, fence: 2 },
      { ...held, owner: 'B' },
      { ...held, runId: 'ended', wakeAt: T },
      { ...held, runId: 'no' },
    ];
    for (const release of stale) expect(await store.release([release])).toEqual([]);
    expect(await store.runs.get('r1')).toEqual(before);
    expect((await store.runs.get('ended'))?.wakeAt).toBeUndefined();
  });

  it('decides each run of a batch by itself', async () => {
    const store = open();
    for (const runId of ['r1', 'r2', 'r3']) await given(store, runId);
    await store.append(message('r2', 'a'));
    const releases = [
      { ...held, wakeAt: T + 1 },
      { ...held, runId: 'r2' },
      { ...held, runId: 'r3', wakeAt: T + 3 },
    ];
    expect(await store.release(releases)).toEqual(['r2']);
    const runs = await Promise.all(['r1', 'r2', 'r3'].map((runId) => store.runs.get(runId)));
    expect(runs.map((run) => [run?.owner, run?.wakeAt])).toEqual([
      [undefined, T + 1],
      ['A', UNTIL],
      [undefined, T + 3],
    ]);
  });

  it('may be asked for no run', async () => {
    expect(await open().release([])).toEqual([]);
  });
}

function describeRenew(open: () => WorkflowStore): void {
  const lease = (runId: string, fence = 1, owner = 'A') => ({ runId, fence, owner });

  it('extends leases and their alarms', async () => {
    const store = open();
    await given(store, 'r1');
    await given(store, 'r2');
    expect(await store.renew([lease('r1')], UNTIL + 9)).toEqual([]);
    expect(await store.runs.get('r1')).toMatchObject({ leaseUntil: UNTIL + 9, wakeAt: UNTIL + 9, fence: 1 });
    expect(await store.runs.get('r2')).toMatchObject({ leaseUntil: UNTIL });
  });

  it('extends a lease that has expired but that nobody took', async () => {
    const store = open();
    await given(store, 'r1', { lease: hold('A', T - 60_000) });
    expect(await store.renew([lease('r1')], UNTIL)).toEqual([]);
    expect(await store.claim(claimOf('r1', 'B'))).toBeUndefined();
  });

  it('names the runs that are held no longer, and leaves them alone', async () => {
    const store = open();
    for (const runId of ['held', 'taken', 'ended', 'released', 'again']) await given(store, runId);
    await store.claim(claimOf('taken', 'B', UNTIL));
    await store.claim(claimOf('again', 'A', T));
    await store.commit(completing('ended'));
    await store.release([lease('released')]);
    const lost = await store.renew(
      ['held', 'taken', 'ended', 'released', 'again', 'no'].map((runId) => lease(runId)),
      UNTIL + 9,
    );
    expect([...lost].sort()).toEqual(['again', 'ended', 'no', 'released', 'taken']);
    expect(await store.runs.get('taken')).toMatchObject({ owner: 'B', leaseUntil: UNTIL + 15_000 });
    expect((await store.runs.get('released'))?.wakeAt).toBeUndefined();
  });

  it('may be asked for no run', async () => {
    expect(await open().renew([], UNTIL)).toEqual([]);
  });
}

function describeExpiry(open: () => WorkflowStore): void {
  it('lets another process take every run at once, which counts as a recovery', async () => {
    const store = open();
    await given(store, 'r1', { lease: hold('A', T + 1_000_000) });
    expect(await store.claim(claimOf('r1', 'B'))).toBeUndefined();
    await store.expireLeases(T);
    expect(await store.runs.get('r1')).toMatchObject({ owner: 'A', leaseUntil: T, wakeAt: T, fence: 1 });
    expect(await store.due(T, 10)).toEqual([{ runId: 'r1', at: T, suspect: true }]);
    expect((await store.claim(claimOf('r1', 'B')))?.run).toMatchObject({ recoveryAttempts: 1, fence: 2 });
  });

  it('leaves runs alone that nobody holds', async () => {
    const store = open();
    await givenReleased(store, 'r1', 'suspended', T + 500);
    await givenReleased(store, 'r2', 'suspended');
    const before = [await store.runs.get('r1'), await store.runs.get('r2')];
    await store.expireLeases(T);
    expect([await store.runs.get('r1'), await store.runs.get('r2')]).toEqual(before);
  });
}
