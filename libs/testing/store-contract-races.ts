/* oxlint-disable max-lines-per-function -- a suite is a list of tests */
import type { WorkflowStore } from '../core/index.js';
import {
  commitOf,
  committed,
  completing,
  countTypes,
  created,
  delivery,
  dueIds,
  fenced,
  given,
  givenHook,
  givenReleased,
  hook,
  hookStatuses,
  keysOf,
  message,
  numbers,
  release,
  T,
  UNTIL,
} from './store-contract-makers.js';

export function describeRaces(open: () => WorkflowStore): void {
  describe('at once', () => {
    describeWinners(open);
    describeNeighbours(open);
  });
  describe('a race', () => describePairs(open));
}

function describeWinners(open: () => WorkflowStore): void {
  it('100 starts with one idempotency key are one run', async () => {
    const store = open();
    const starts = numbers(100).map((index) => created(`r${index}`, { create: { idempotencyKey: 'k' } }));
    const results = await Promise.all(starts.map((start) => store.commit(start)));
    expect(countTypes(results)).toEqual({ committed: 1, duplicate: 99 });
    const { runs } = await store.runs.list({ limit: 200 });
    expect(runs).toHaveLength(1);
    const named = results.flatMap((result) => (result.type === 'duplicate' ? [result.runId] : []));
    expect(new Set(named)).toEqual(new Set([runs[0]?.runId]));
  });

  it('50 starts with one run id are one run', async () => {
    const store = open();
    const results = await Promise.all(numbers(50).map(() => store.commit(created('r1'))));
    expect(countTypes(results)).toEqual({ committed: 1, duplicate: 49 });
    expect(await store.events.load('r1', 0, 100)).toHaveLength(1);
  });

  it('50 deliveries to a hook of one payload have one winner', async () => {
    const store = open();
    await givenHook(store, 'r1', hook('r1', 't'));
    const deliveries = numbers(50).map((index) => delivery('t', `d${index}`, `${index}`));
    const results = await Promise.all(deliveries.map((one) => store.deliverHook(one)));
    expect(countTypes(results)).toEqual({ delivered: 1, used: 49 });
    const winner = results.findIndex(({ type }) => type === 'delivered');
    expect((await store.inbox('r1')).map(({ draft }) => draft)).toMatchObject([{ payload: `${winner}` }]);
  });

  it('50 messages with one key are one message', async () => {
    const store = open();
    await given(store, 'r1');
    const results = await Promise.all(numbers(50).map(() => store.append(message('r1', 'a'))));
    expect(countTypes(results)).toEqual({ appended: 1, duplicate: 49 });
    expect(await keysOf(store, 'r1')).toEqual(['a']);
  });

  it('20 claims of a run have one holder', async () => {
    const store = open();
    await givenReleased(store, 'r1', 'suspended');
    const claims = numbers(20).map((index) => ({ runId: 'r1', owner: `P${index}`, now: T, until: UNTIL }));
    const claimed = (await Promise.all(claims.map((claim) => store.claim(claim)))).filter((one) => one !== undefined);
    expect(claimed).toHaveLength(1);
    expect(await store.runs.get('r1')).toEqual(claimed[0]?.run);
    expect(claimed[0]?.run.fence).toBe(2);
  });

  it('20 runs that ask for one hook token have one winner', async () => {
    const store = open();
    const results = await Promise.all(
      numbers(20).map((index) => store.commit(created(`r${index}`, { opensHooks: [hook(`r${index}`, 't')] }))),
    );
    expect(countTypes(results)).toEqual({ committed: 1, token_taken: 19 });
    expect((await store.runs.list({ limit: 100 })).runs).toHaveLength(1);
  });

  it('commits of one run from the same event have one winner', async () => {
    const store = open();
    await given(store, 'r1');
    const results = await Promise.all(numbers(10).map(() => store.commit(commitOf('r1', 1))));
    expect(countTypes(results)).toEqual({ committed: 1, fenced: 9 });
    expect(await store.runs.get('r1')).toMatchObject({ sequence: 2 });
  });
}

function describeNeighbours(open: () => WorkflowStore): void {
  it('50 commits are refused each by itself', async () => {
    const store = open();
    await givenHook(store, 'owner', hook('owner', 'taken'));
    for (const index of numbers(50)) await given(store, `r${index}`, { opensHooks: [hook(`r${index}`, `t${index}`)] });
    await store.deliverHook(delivery('t30'));
    const commits = numbers(50).map((index) => commitOf(`r${index}`, 1, { lease: release(T + index) }));
    commits[10] = commitOf('r10', 1, { fence: 7 });
    commits[20] = commitOf('r20', 1, { opensHooks: [hook('r20', 'taken', { id: 'second#1' })] });
    commits[30] = commitOf('r30', 1, { expiresHooks: ['approval#1'] });
    const results = await Promise.all(commits.map((commit) => store.commit(commit)));
    expect(countTypes(results)).toEqual({ committed: 47, fenced: 1, token_taken: 1, hook_settled: 1 });
    expect(results[10]).toEqual(fenced);
    expect(results[20]).toEqual({ type: 'token_taken', hookId: 'second#1' });
    expect(results[30]).toEqual({ type: 'hook_settled', hookId: 'approval#1' });
    const sequences = await Promise.all(
      numbers(50).map(async (index) => (await store.runs.get(`r${index}`))?.sequence),
    );
    expect(sequences).toEqual(numbers(50).map((index) => ([10, 20, 30].includes(index) ? 1 : 2)));
  });

  it('100 new runs are created beside refused ones', async () => {
    const store = open();
    await given(store, 'r50');
    const results = await Promise.all(numbers(100).map((index) => store.commit(created(`r${index}`))));
    expect(countTypes(results)).toEqual({ committed: 99, duplicate: 1 });
    expect(results[50]).toMatchObject({ type: 'duplicate', runId: 'r50' });
  });

  it('200 messages reach a run while its holder consumes them, none lost and none twice', async () => {
    const store = open();
    await given(store, 'r1');
    const appends = numbers(200).map((index) => store.append(message('r1', `k${index}`)));
    const consumed: string[] = [];
    for (let base = 1; consumed.length < 200; base++) {
      const keys = await keysOf(store, 'r1');
      expect(await store.commit(commitOf('r1', base, { consumes: keys }))).toEqual(committed());
      consumed.push(...keys);
    }
    expect(countTypes(await Promise.all(appends))).toEqual({ appended: 200 });
    expect(new Set(consumed).size).toBe(200);
    expect(await store.inbox('r1')).toEqual([]);
  });
}

/** Starts both, now one first and now the other, a varying number of microtasks apart. */
async function race(round: number, one: () => Promise<unknown>, other: () => Promise<unknown>): Promise<void> {
  const [first, second] = round % 2 ? [one, other] : [other, one];
  const running = first();
  for (let tick = 0; tick < (round * 7) % 50; tick++) await undefined;
  await Promise.all([running, second()]);
}

function describePairs(open: () => WorkflowStore): void {
  it('of a message and a release never leaves a message that nobody looks at', async () => {
    const store = open();
    const ids = numbers(120).map((round) => `r${round}`);
    for (const runId of ids) await given(store, runId);
    const giveUp = (round: number, runId: string) =>
      round % 3
        ? store.commit(commitOf(runId, 1, { lease: release() }))
        : store.release([{ runId, owner: 'A', fence: 1 }]);
    const append = (runId: string) => store.append(message(runId, 'a'));
    for (const chunk of numbers(6).map((index) => ids.slice(index * 20, index * 20 + 20))) {
      await Promise.all(
        chunk.map((id, round) =>
          race(
            round + chunk.length,
            () => append(id),
            () => giveUp(round, id),
          ),
        ),
      );
    }
    const due = new Set(await dueIds(store, T));
    for (const runId of ids) {
      const owner = (await store.runs.get(runId))?.owner;
      expect(await keysOf(store, runId)).toEqual(['a']);
      expect({ runId, isLookedAt: owner === 'A' || due.has(runId) }).toEqual({ runId, isLookedAt: true });
    }
  });

  it('of a delivery and an expiry has one winner', async () => {
    const store = open();
    const ids = numbers(40).map((round) => `r${round}`);
    for (const runId of ids) await givenHook(store, runId, hook(runId, runId));
    const outcomes: string[] = [];
    const compete = async (runId: string, round: number) => {
      const types: string[] = [];
      const deliver = async () => types.push((await store.deliverHook(delivery(runId))).type);
      const expire = async () =>
        types.push((await store.commit(commitOf(runId, 1, { expiresHooks: ['approval#1'] }))).type);
      await race(round, deliver, expire);
      outcomes.push([...types.sort(), ...(await hookStatuses(store, runId))].join(' '));
    };
    await Promise.all(ids.map(compete));
    for (const outcome of outcomes) {
      expect(['delivered hook_settled received', 'committed expired expired']).toContain(outcome);
    }
  });

  it('of a delivery and the end of the run leaves neither an open hook nor an alarm', async () => {
    const store = open();
    const ids = numbers(40).map((round) => `r${round}`);
    for (const runId of ids) await givenHook(store, runId, hook(runId, runId));
    await Promise.all(
      ids.map((id, round) =>
        race(
          round,
          () => store.deliverHook(delivery(id)),
          () => store.commit(completing(id)),
        ),
      ),
    );
    for (const runId of ids) expect(await hookStatuses(store, runId)).not.toContain('open');
    expect(await store.due(UNTIL, 100)).toEqual([]);
  });

  it('of a message and the end of the run leaves no alarm', async () => {
    const store = open();
    const ids = numbers(40).map((round) => `r${round}`);
    for (const runId of ids) await given(store, runId);
    await Promise.all(
      ids.map((id, round) =>
        race(
          round,
          () => store.append(message(id, 'a')),
          () => store.commit(completing(id)),
        ),
      ),
    );
    expect(await store.due(UNTIL, 100)).toEqual([]);
  });

  it('of a holder and a claimer lets one of them write', async () => {
    const store = open();
    const ids = numbers(40).map((round) => `r${round}`);
    for (const runId of ids) await given(store, runId);
    await Promise.all(
      ids.map((runId, round) =>
        race(
          round,
          () => store.commit(commitOf(runId, 1, { lease: { type: 'hold', owner: 'A', until: UNTIL + 15_000 } })),
          () => store.claim({ runId, owner: 'B', now: UNTIL, until: UNTIL + 15_000 }),
        ),
      ),
    );
    for (const runId of ids) {
      const run = await store.runs.get(runId);
      const events = await store.events.load(runId, 0, 10);
      expect([
        ['A', 1, 2],
        ['B', 2, 1],
      ]).toContainEqual([run?.owner, run?.fence, events.length]);
    }
  });
}
