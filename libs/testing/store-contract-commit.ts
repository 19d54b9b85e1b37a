/* oxlint-disable max-lines-per-function -- a suite is a list of tests */
import type { RunStatus, WorkflowStore } from '../core/index.js';
import {
  commitOf,
  committed,
  completing,
  created,
  fenced,
  given,
  givenHook,
  hold,
  hook,
  hookStatuses,
  keysOf,
  message,
  release,
  scheduled,
  started,
  T,
  UNTIL,
} from './store-contract-makers.js';

const ENDED: readonly RunStatus[] = ['completed', 'failed', 'cancelled', 'continued_as_new'];

export function describeCommits(open: () => WorkflowStore): void {
  describe('a commit that creates a run', () => describeCreation(open));
  describe('a commit', () => describeChanges(open));
  describe('a stale commit', () => describeFencing(open));
}

function describeCreation(open: () => WorkflowStore): void {
  it('writes the row and the first events under fence 1', async () => {
    const store = open();
    const create = { version: 3, tags: ['eu', 'vip'], idempotencyKey: 'k', inputDigest: 'd' };
    expect(await store.commit(created('r1', { create }))).toEqual(committed());
    expect(await store.runs.get('r1')).toEqual({
      ...{ runId: 'r1', workflow: 'order', createdAt: T, updatedAt: T, ...create },
      ...{
        status: 'running',
        sequence: 1,
        fence: 1,
        owner: 'A',
        leaseUntil: UNTIL,
        wakeAt: UNTIL,
        recoveryAttempts: 0,
      },
    });
    expect(await store.events.load('r1', 0, 10)).toEqual([started()]);
  });

  it('that releases it leaves it without a holder, with the alarm it asks for', async () => {
    const store = open();
    expect(await store.commit(created('r1', { run: { status: 'pending' }, lease: release(T + 5) }))).toEqual(
      committed(true),
    );
    const run = await store.runs.get('r1');
    expect(run).toMatchObject({ status: 'pending', wakeAt: T + 5, fence: 1 });
    expect([run?.owner, run?.leaseUntil]).toEqual([undefined, undefined]);
  });

  it('may hold events up to the end of the run', async () => {
    const store = open();
    const whole = created('r1', {
      events: [started(), scheduled(2)],
      run: { status: 'completed', endedAt: T, output: '1' },
    });
    expect(await store.commit(whole)).toEqual(committed(true));
    expect(await store.runs.get('r1')).toMatchObject({ status: 'completed', sequence: 2, endedAt: T, output: '1' });
  });

  it('is refused when the run exists, and changes nothing', async () => {
    const store = open();
    await given(store, 'r1', { create: { inputDigest: 'first' } });
    const again = created('r1', {
      create: { inputDigest: 'second' },
      opensHooks: [hook('r1', 't')],
      run: { status: 'paused' },
    });
    expect(await store.commit(again)).toEqual({ type: 'duplicate', runId: 'r1', inputDigest: 'first' });
    expect(await store.runs.get('r1')).toMatchObject({ status: 'running', sequence: 1, inputDigest: 'first' });
    expect(await store.hooks.findByToken('t')).toBeUndefined();
  });

  it('is refused when the workflow has a run with its idempotency key, and names that run', async () => {
    const store = open();
    await given(store, 'r1', { create: { idempotencyKey: 'k', inputDigest: 'first' } });
    const again = created('r2', { create: { idempotencyKey: 'k', inputDigest: 'second' } });
    expect(await store.commit(again)).toEqual({ type: 'duplicate', runId: 'r1', inputDigest: 'first' });
    expect(await store.runs.get('r2')).toBeUndefined();
    expect(await store.events.load('r2', 0, 10)).toEqual([]);
  });

  it('is refused by its idempotency key even after that run has ended', async () => {
    const store = open();
    await given(store, 'r1', { create: { idempotencyKey: 'k' } });
    await store.commit(completing('r1'));
    expect(await store.commit(created('r2', { create: { idempotencyKey: 'k' } }))).toMatchObject({ runId: 'r1' });
  });

  it('shares its idempotency key with another workflow', async () => {
    const store = open();
    await given(store, 'r1', { create: { idempotencyKey: 'k' } });
    const other = created('r2', { create: { workflow: 'invoice', idempotencyKey: 'k' } });
    expect(await store.commit(other)).toEqual(committed());
  });

  it('needs no idempotency key', async () => {
    const store = open();
    await given(store, 'r1');
    expect(await store.commit(created('r2'))).toEqual(committed());
  });
}

function describeChanges(open: () => WorkflowStore): void {
  it('appends its events and replaces what the row says', async () => {
    const store = open();
    await given(store, 'r1');
    const run = { status: 'paused', updatedAt: T + 9, reason: 'by hand', recoveryAttempts: 2 } as const;
    const commit = commitOf('r1', 1, { events: [scheduled(2), scheduled(3)], run, lease: hold('A', UNTIL + 7) });
    expect(await store.commit(commit)).toEqual(committed());
    const row = await store.runs.get('r1');
    expect(row).toMatchObject({
      ...run,
      sequence: 3,
      createdAt: T,
      leaseUntil: UNTIL + 7,
      wakeAt: UNTIL + 7,
      fence: 1,
    });
    expect(await store.events.load('r1', 1, 10)).toEqual([scheduled(2), scheduled(3)]);
  });

  it('without a reason clears the one that was there', async () => {
    const store = open();
    await given(store, 'r1', { run: { status: 'blocked', reason: 'no such step' } });
    await store.commit(commitOf('r1', 1));
    expect((await store.runs.get('r1'))?.reason).toBeUndefined();
  });

  it('may have no events', async () => {
    const store = open();
    await given(store, 'r1');
    expect(await store.commit(commitOf('r1', 1, { events: [], lease: release(T + 1) }))).toEqual(committed(true));
    expect(await store.runs.get('r1')).toMatchObject({ sequence: 1, wakeAt: T + 1 });
  });

  it('removes what it consumes from the inbox, and nothing else', async () => {
    const store = open();
    await given(store, 'r1');
    await given(store, 'r2');
    for (const key of ['a', 'b', 'c']) await store.append(message('r1', key));
    await store.append(message('r2', 'b'));
    await store.commit(commitOf('r1', 1, { consumes: ['b', 'never came'] }));
    expect(await keysOf(store, 'r1')).toEqual(['a', 'c']);
    expect(await keysOf(store, 'r2')).toEqual(['b']);
  });

  it('is good under a lease that has expired but that nobody took', async () => {
    const store = open();
    await given(store, 'r1', { lease: hold('A', T - 1) });
    expect(await store.commit(commitOf('r1', 1))).toEqual(committed());
  });

  it('follows another of the same run as fast as it likes', async () => {
    const store = open();
    await given(store, 'r1');
    for (let base = 1; base <= 40; base++) expect(await store.commit(commitOf('r1', base))).toEqual(committed());
    const sequences = (await store.events.load('r1', 0, 100)).map(({ sequence }) => sequence);
    expect(sequences).toEqual(Array.from({ length: 41 }, (_, index) => index + 1));
  });
}

function describeFencing(open: () => WorkflowStore): void {
  it('of an unknown run is refused', async () => {
    expect(await open().commit(commitOf('nobody', 1))).toEqual(fenced);
    expect(await open().runs.get('nobody')).toBeUndefined();
  });

  it.each([
    ['under an old fence', commitOf('r1', 2, { fence: 1 })],
    ['under a fence that was never given', commitOf('r1', 2, { fence: 3 })],
    ['by another process', commitOf('r1', 2, { fence: 2, lease: hold('B') })],
    ['that does not know the last event', commitOf('r1', 1, { fence: 2 })],
    ['that knows an event too many', commitOf('r1', 3, { fence: 2 })],
  ])('%s is refused', async (_, stale) => {
    const store = open();
    await given(store, 'r1', { events: [started(), scheduled(2)], lease: release() });
    await store.claim({ runId: 'r1', owner: 'A', now: T, until: UNTIL });
    const before = await store.runs.get('r1');
    expect(await store.commit(stale)).toEqual(fenced);
    expect(await store.runs.get('r1')).toEqual(before);
    expect(await store.commit(commitOf('r1', 2, { fence: 2 }))).toEqual(committed());
  });

  it('of a run that was released is refused', async () => {
    const store = open();
    await given(store, 'r1', { lease: release() });
    expect(await store.commit(commitOf('r1', 1))).toEqual(fenced);
  });

  it.each(ENDED)('of a run that is %s is refused', async (status) => {
    const store = open();
    await given(store, 'r1', { run: { status } });
    expect(await store.commit(commitOf('r1', 1))).toEqual(fenced);
    expect(await store.runs.get('r1')).toMatchObject({ status, sequence: 1 });
  });

  it('writes nothing at all', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 'mine'));
    await store.append(message('r1', 'a'));
    const before = await store.runs.get('r1');
    const stale = { consumes: ['a'], opensHooks: [hook('r1', 'new', { id: 'b#1' })], closesHooks: ['approval#1'] };
    expect(await store.commit(completing('r1', { ...stale, fence: 9 }))).toEqual(fenced);
    expect(await store.runs.get('r1')).toEqual(before);
    expect(await store.events.load('r1', 0, 10)).toEqual([started()]);
    expect(await keysOf(store, 'r1')).toEqual(['a']);
    expect(await hookStatuses(store, 'r1')).toEqual(['open']);
  });
}
