/* oxlint-disable max-lines-per-function -- a suite is a list of tests */
import { InvalidInputError, type RunFilter, type WorkflowStore } from '../core/index.js';
import { completing, given, givenReleased, numbers, scheduled, started, T } from './store-contract-makers.js';

export function describeReading(open: () => WorkflowStore): void {
  describe('a history', () => describeHistory(open));
  describe('a list of runs', () => describeList(open));
  describe('pages of runs', () => describePages(open));
}

async function idsOf(store: WorkflowStore, filter: Partial<RunFilter> = {}): Promise<readonly string[]> {
  return (await store.runs.list({ limit: 100, ...filter })).runs.map(({ runId }) => runId);
}

function describeHistory(open: () => WorkflowStore): void {
  it('is read in pages, in order', async () => {
    const store = open();
    const events = [started(), ...numbers(2_499).map((index) => scheduled(index + 2))];
    await given(store, 'r1', { events });
    expect(await store.runs.get('r1')).toMatchObject({ sequence: 2_500 });
    expect(await store.events.load('r1', 0, 1)).toEqual([started()]);
    expect(await store.events.load('r1', 1, 1_000)).toEqual(events.slice(1, 1_001));
    expect(await store.events.load('r1', 2_000, 1_000)).toEqual(events.slice(2_000));
    expect(await store.events.load('r1', 2_500, 1_000)).toEqual([]);
  });

  it('of an unknown run is empty', async () => {
    expect(await open().events.load('nobody', 0, 10)).toEqual([]);
    expect(await open().runs.get('nobody')).toBeUndefined();
  });

  it('holds the events of its own run only', async () => {
    const store = open();
    await given(store, 'r1', { events: [started('"one"')] });
    await given(store, 'r2', { events: [started('"two"'), scheduled(2)] });
    expect(await store.events.load('r1', 0, 10)).toEqual([started('"one"')]);
  });
}

function describeList(open: () => WorkflowStore): void {
  async function givenRuns(store: WorkflowStore): Promise<void> {
    await given(store, 'r1', { create: { createdAt: T + 1, tags: ['eu', 'vip'] } });
    await given(store, 'r2', { create: { createdAt: T + 2, tags: ['eu'], workflow: 'invoice' } });
    await given(store, 'r3', { create: { createdAt: T + 3, tags: ['vip', 'us'] } });
    await store.commit(completing('r3'));
    await givenReleased(store, 'r0', 'suspended');
  }

  it('holds the rows as they are, the newest first', async () => {
    const store = open();
    await givenRuns(store);
    const { runs, nextCursor } = await store.runs.list({ limit: 10 });
    expect(runs.map(({ runId }) => runId)).toEqual(['r3', 'r2', 'r1', 'r0']);
    expect(runs[0]).toEqual(await store.runs.get('r3'));
    expect(nextCursor).toBeUndefined();
  });

  it.each<[string, Partial<RunFilter>, readonly string[]]>([
    ['a status', { status: ['completed'] }, ['r3']],
    ['one of several statuses', { status: ['suspended', 'completed'] }, ['r3', 'r0']],
    ['a workflow', { workflow: 'order' }, ['r3', 'r1', 'r0']],
    ['an unknown workflow', { workflow: 'ord' }, []],
    ['a tag', { tags: ['eu'] }, ['r2', 'r1']],
    ['all of several tags', { tags: ['vip', 'eu'] }, ['r1']],
    ['part of a tag, which is none', { tags: ['vi'] }, []],
    ['no tags, which asks for nothing', { tags: [] }, ['r3', 'r2', 'r1', 'r0']],
    ['what is created strictly after', { createdAfter: T + 1 }, ['r3', 'r2']],
    ['what is created strictly before', { createdBefore: T + 2 }, ['r1', 'r0']],
    ['everything together', { workflow: 'order', tags: ['vip'], status: ['running'], createdAfter: T }, ['r1']],
  ])('can be filtered by %s', async (_, filter, expected) => {
    const store = open();
    await givenRuns(store);
    expect(await idsOf(store, filter)).toEqual(expected);
  });

  it('filters by tags that look like patterns', async () => {
    const store = open();
    const tags = ['100%', 'a_b', 'say "hi"', "it's", '{x,y}', 'back\\slash', 'emoji 🦄', ''];
    for (const [index, tag] of tags.entries()) await given(store, `r${index}`, { create: { tags: [tag] } });
    for (const [index, tag] of tags.entries()) expect(await idsOf(store, { tags: [tag] })).toEqual([`r${index}`]);
    expect(await idsOf(store, { tags: ['100', 'x'] })).toEqual([]);
  });
}

function describePages(open: () => WorkflowStore): void {
  async function readAll(store: WorkflowStore, filter: RunFilter): Promise<readonly (readonly string[])[]> {
    const pages: (readonly string[])[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.runs.list({ ...filter, cursor });
      pages.push(page.runs.map(({ runId }) => runId));
      cursor = page.nextCursor;
    } while (cursor !== undefined && pages.length < 100);
    return pages;
  }

  it('hold each run once, also those created in one millisecond', async () => {
    const store = open();
    for (const index of numbers(7))
      await given(store, `r${index}`, { create: { createdAt: T + Math.floor(index / 4) } });
    expect(await readAll(store, { limit: 3 })).toEqual([['r6', 'r5', 'r4'], ['r3', 'r2', 'r1'], ['r0']]);
  });

  it('end with the last full one', async () => {
    const store = open();
    for (const index of numbers(4)) await given(store, `r${index}`);
    expect(await readAll(store, { limit: 2 })).toEqual([
      ['r3', 'r2'],
      ['r1', 'r0'],
    ]);
  });

  it('keep to the filter', async () => {
    const store = open();
    for (const index of numbers(6)) await given(store, `r${index}`, { create: { tags: [index % 2 ? 'odd' : 'even'] } });
    expect(await readAll(store, { limit: 2, tags: ['odd'] })).toEqual([['r5', 'r3'], ['r1']]);
  });

  it('hold each run once whatever its id looks like', async () => {
    const store = open();
    const ids = ['a', 'A', 'b', 'B', 'ä', 'Z', 'z', '1', '10', '9', '_', '-', '🦄', "o'x", 'a b', 'a%', 'ß', 'é'];
    for (const runId of ids) await given(store, runId);
    const pages = await readAll(store, { limit: 4 });
    expect(pages.flat().sort()).toEqual([...ids].sort());
  });

  it('go on behind what is created meanwhile', async () => {
    const store = open();
    for (const index of numbers(4)) await given(store, `r${index}`, { create: { createdAt: T + index } });
    const first = await store.runs.list({ limit: 2 });
    await given(store, 'new', { create: { createdAt: T + 99 } });
    expect(await idsOf(store, { cursor: first.nextCursor })).toEqual(['r1', 'r0']);
  });

  it.each(['', 'nonsense', 'eyJhIjoxfQ', 'WzEsMl0', 'W10', 'bnVsbA', "'; drop table workflow_run; --", '🦄'])(
    'refuse the cursor "%s"',
    async (cursor) => {
      await expect(open().runs.list({ limit: 1, cursor })).rejects.toThrow(InvalidInputError);
    },
  );
}
