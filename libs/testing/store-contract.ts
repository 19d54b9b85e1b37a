/// <reference types="jest" />
import type { WorkflowStore } from '../core/index.js';
import { describeCommits } from './store-contract-commit.js';
import { compacted, describeCompaction, givenAttempts } from './store-contract-compaction.js';
import { describeDue } from './store-contract-due.js';
import { describeHooks } from './store-contract-hooks.js';
import { describeInbox } from './store-contract-inbox.js';
import { describeLeases } from './store-contract-leases.js';
import { describeLettingGo } from './store-contract-letting-go.js';
import {
  commitOf,
  completing,
  countTypes,
  created,
  delivery,
  dueIds,
  given,
  givenReleased,
  hook,
  message,
  numbers,
  scheduled,
  started,
  T,
  UNTIL,
} from './store-contract-makers.js';
import { describeRaces } from './store-contract-races.js';
import { describeReading } from './store-contract-reading.js';
import { describeValues } from './store-contract-values.js';

/** What a test of a store begins with. */
export interface StoreFixture {
  /** Open, and without a run. */
  readonly store: WorkflowStore;
  /** Closes the store and opens another on the same data, if the data outlive the store. */
  readonly reopen?: () => Promise<WorkflowStore>;
  /** Closes what is open and removes the data. */
  cleanup(): Promise<void>;
}

/**
 * The tests that every store passes. Call it in a Jest spec of yours with a function that gives each test a store.
 */
export function describeStoreContract(name: string, setup: () => Promise<StoreFixture>): void {
  describe(`${name} as a store`, () => {
    let fixture: StoreFixture | undefined;
    const current = (): StoreFixture => {
      if (!fixture) throw new Error('There is no store outside of a test.');
      return fixture;
    };
    const open = (): WorkflowStore => current().store;

    beforeEach(async () => {
      fixture = await setup();
    });
    afterEach(async () => {
      await fixture?.cleanup();
      fixture = undefined;
    });

    describeCommits(open);
    describeLettingGo(open);
    describeInbox(open);
    describeHooks(open);
    describeLeases(open);
    describeDue(open);
    describeReading(open);
    describe('compaction', () => describeCompaction(open));
    describeValues(open);
    describeRaces(open);
    describe('closing', () => describeClosing(current));
  });
}

function describeClosing(current: () => StoreFixture): void {
  it('may be done twice', async () => {
    const { store } = current();
    await given(store, 'r1');
    await store.close();
    await expect(store.close()).resolves.toBeUndefined();
  });

  it('waits for what is being written', async () => {
    const { store, reopen } = current();
    const commits = numbers(30).map((index) => store.commit(created(`r${index}`)));
    await store.close();
    expect(countTypes(await Promise.all(commits))).toEqual({ committed: 30 });
    if (reopen) expect((await (await reopen()).runs.list({ limit: 100 })).runs).toHaveLength(30);
  });

  it('loses nothing, if the data outlive the store', async () => {
    const { store, reopen } = current();
    if (!reopen) return;
    const hooks = [hook('r1', 't'), hook('r1', 'many', { id: 'many#1', multiple: true })];
    await given(store, 'r1', { create: { tags: ['eu'], idempotencyKey: 'k', inputDigest: 'd' }, opensHooks: hooks });
    await store.append(message('r1', 'consumed'));
    await store.append(message('r1', 'waiting'));
    await store.deliverHook(delivery('t'));
    await store.deliverHook(delivery('many'));
    await store.commit(commitOf('r1', 1, { consumes: ['consumed', 'hook:many#1:d1'] }));
    await store.heartbeat([{ runId: 'r1', id: 'charge#2', attempt: 1, worker: 'W', until: UNTIL }]);
    await givenReleased(store, 'sleeping', 'suspended', T + 5);
    await given(store, 'ended');
    await store.commit(completing('ended'));
    const before = await everythingOf(store);

    const reopened = await reopen();
    expect(await everythingOf(reopened)).toEqual(before);
    expect(await reopened.events.load('r1', 0, 10)).toEqual([started(), scheduled(2)]);
    for (const key of ['consumed', 'waiting'])
      expect(await reopened.append(message('r1', key))).toMatchObject({ type: 'duplicate' });
    for (const token of ['t', 'many'])
      expect(await reopened.deliverHook(delivery(token))).toMatchObject({ type: 'duplicate' });
    expect(await reopened.commit(created('r2', { create: { idempotencyKey: 'k' } }))).toMatchObject({
      runId: 'r1',
      inputDigest: 'd',
    });
    expect(await reopened.commit(commitOf('r1', 2))).toMatchObject({ type: 'committed' });
  });

  it('keeps histories compacted', async () => {
    const { store, reopen } = current();
    if (!reopen) return;
    for (const runId of ['live', 'ended']) {
      await givenAttempts(store, runId, 6);
      await store.commit(commitOf(runId, 6, { compacts: [compacted(2, 4)] }));
    }
    await store.commit(completing('ended', { baseSequence: 7, events: [scheduled(8)], compacts: [compacted(5, 5)] }));
    const before = await everythingOf(store);
    const reopened = await reopen();
    expect(await everythingOf(reopened)).toEqual(before);
    expect((await reopened.events.load('ended', 0, 10)).map(({ sequence }) => sequence)).toEqual([1, 4, 5, 6, 7, 8]);
    expect((await reopened.events.load('ended', 2, 2)).map(({ sequence }) => sequence)).toEqual([4, 5]);
  });
}

async function everythingOf(store: WorkflowStore): Promise<unknown> {
  const { runs } = await store.runs.list({ limit: 100 });
  const parts = runs.map(async ({ runId }) => [
    await store.events.load(runId, 0, 100),
    await store.inbox(runId),
    await store.hooks.list(runId),
    await store.heartbeats(runId),
  ]);
  return { runs, parts: await Promise.all(parts), due: await dueIds(store, UNTIL) };
}
