import { redisKeyPrefix, redisUrl } from '../../test/services/index.js';
import { InvalidInputError, type RunFilter } from '../core/index.js';
import { escaped, unescaped } from './escaped-text.js';
import { asking, committing, created, hookOf, T, UNTIL, upTo } from './redis.spec-helpers.js';
import { RedisStore } from './redis.store.js';

let prefixes = 0;
let keyPrefix: string;
let store: RedisStore;

async function open(prefix: string): Promise<RedisStore> {
  const opened = new RedisStore({ url: await redisUrl(), keyPrefix: prefix, onWarning: () => {} });
  await opened.open();
  return opened;
}

beforeEach(async () => {
  keyPrefix = `${redisKeyPrefix()}{${(prefixes += 1)}}:`;
  store = await open(keyPrefix);
});

afterEach(() => store.close());

/** All keys of the store, without its prefix. */
async function keys(): Promise<readonly string[]> {
  return asking(await redisUrl(), async (redis) => {
    const found: string[] = [];
    for await (const page of redis.scanStream({ match: `${keyPrefix}*`, count: 1_000 }))
      found.push(...(page as string[]));
    return found.map((key) => key.slice(keyPrefix.length)).sort();
  });
}

const HOSTILE = [
  'a\0b',
  '\ud800',
  '\udfff\ud800',
  '\\ud800',
  '\\',
  'a\nb',
  '{x}',
  '}{',
  '*',
  '__proto__',
  'constructor',
  '',
  'ü🦄',
  'x'.repeat(10_000),
];

describe('ids of any text', () => {
  it('are escaped without a line end, and each in its own way', () => {
    const texts = HOSTILE.map(escaped);
    expect(texts.map(unescaped)).toEqual(HOSTILE);
    expect(new Set(texts).size).toBe(HOSTILE.length);
    for (const text of texts) expect(text).not.toMatch(/[\0\n]|\p{Surrogate}/u);
  });

  it.each(HOSTILE)('are told apart everywhere: %j', async (id) => {
    await store.commit(created('other', { opensHooks: [hookOf('other', { id, token: `other ${id}` })] }));
    const create = { workflow: id, version: 1, tags: [id], createdAt: T, idempotencyKey: id, inputDigest: id };
    const lease = { type: 'hold', owner: id, until: UNTIL } as const;
    const opensHooks = [hookOf(id, { id, token: id, multiple: true })];
    expect(await store.commit(created(id, { create, lease, opensHooks }))).toMatchObject({ type: 'committed' });
    expect(await store.commit(created('again', { create }))).toEqual({ type: 'duplicate', runId: id, inputDigest: id });
    await store.append({
      runId: id,
      key: id,
      draft: { type: 'step.completed', id, payload: id, attributes: { attempt: 1 } },
      receivedAt: T,
    });
    const delivered = await store.deliverHook({ token: id, deliveryId: id, payload: id, receivedAt: T });
    expect(delivered).toEqual({ type: 'delivered', runId: id, hookId: id, owner: id });
    expect(await store.hooks.findByToken(id)).toMatchObject({ runId: id, id, token: id });
    expect(await store.inbox(id)).toEqual([
      {
        runId: id,
        key: id,
        draft: { type: 'step.completed', id, payload: id, attributes: { attempt: 1 } },
        receivedAt: T,
      },
      { runId: id, key: `hook:${id}:${id}`, draft: { type: 'hook.received', id, payload: id }, receivedAt: T },
    ]);
    const beat = { runId: id, id, attempt: 1, worker: id, until: T };
    expect(await store.heartbeat([beat])).toEqual([]);
    expect([await store.heartbeats(id), await store.heartbeats(id, [id])]).toEqual([[beat], [beat]]);
    for (const filter of [{ workflow: id }, { tags: [id] }])
      expect((await store.runs.list({ limit: 9, ...filter })).runs).toMatchObject([
        { runId: id, owner: id, tags: [id] },
      ]);
    expect((await store.due(UNTIL, 9)).map(({ runId }) => runId).sort()).toEqual(['other', id].sort());
    expect((await store.claim({ runId: id, owner: 'B', now: UNTIL, until: UNTIL }))?.run).toMatchObject({
      runId: id,
      fence: 2,
    });
    const process = { owner: id, role: id, workflows: [id], steps: [id], until: UNTIL };
    await store.announce(process);
    expect(await store.processes(T)).toEqual([process]);
  });
});

it('stores with different prefixes do not see each other', async () => {
  const other = await open(`${keyPrefix}other:`);
  await store.commit(
    created('r1', {
      opensHooks: [hookOf('r1')],
      create: { workflow: 'order', version: 1, tags: ['eu'], createdAt: T, idempotencyKey: 'k' },
    }),
  );
  expect(await other.runs.get('r1')).toBeUndefined();
  expect(await other.runs.list({ limit: 9 })).toEqual({ runs: [] });
  expect(await other.hooks.findByToken('r1')).toBeUndefined();
  expect(await other.due(UNTIL, 9)).toEqual([]);
  expect(
    await other.commit(
      created('r1', { create: { workflow: 'order', version: 1, tags: [], createdAt: T, idempotencyKey: 'k' } }),
    ),
  ).toMatchObject({ type: 'committed' });
  expect((await store.runs.get('r1'))?.tags).toEqual(['eu']);
  await other.close();
});

it('a run that has ended keeps its row, its history, its hooks and its places in lists, and nothing else', async () => {
  const create = { workflow: 'order', version: 1, tags: ['eu'], createdAt: T, idempotencyKey: 'k' };
  await store.commit(created('r1', { create, opensHooks: [hookOf('r1', { multiple: true })] }));
  await store.append({ runId: 'r1', key: 'a', draft: { type: 'workflow.resumed' }, receivedAt: T });
  await store.deliverHook({ token: 'r1', deliveryId: 'd', payload: '1', receivedAt: T });
  await store.heartbeat([{ runId: 'r1', id: 'charge#1', attempt: 1, worker: 'W', until: T }]);
  expect(await keys()).toEqual([
    'beats:r1',
    'events:r1',
    'hooks:r1',
    'inbox:r1',
    'keys:r1',
    'leases',
    'run:r1',
    'runs',
    'starts',
    'status:running',
    'tag:eu',
    'tokens',
    'workflow:order',
  ]);
  const run = { status: 'completed', updatedAt: T, endedAt: T, recoveryAttempts: 0 } as const;
  await store.commit(committing('r1', 1, { run }));
  expect(await keys()).toEqual([
    'events:r1',
    'hooks:r1',
    'run:r1',
    'runs',
    'starts',
    'status:completed',
    'tag:eu',
    'tokens',
    'workflow:order',
  ]);
});

it('a commit that cannot be stored writes nothing', async () => {
  await store.commit(created('r1'));
  const before = await store.runs.get('r1');
  const bad = [
    committing('r1', 1, { lease: { type: 'hold', owner: 'A', until: NaN } }),
    committing('r1', 1, { lease: { type: 'release', owner: 'A', until: UNTIL, wakeAt: Infinity } }),
    committing('r1', 1, { run: { status: 'running', updatedAt: T, recoveryAttempts: 0.5 } }),
    created('r2', { create: { workflow: 'order', version: 1, tags: [], createdAt: -1 } }),
  ];
  for (const commit of bad) await expect(store.commit(commit)).rejects.toThrow(InvalidInputError);
  expect(await store.runs.get('r1')).toEqual(before);
  expect(await store.events.load('r1', 0, 10)).toHaveLength(1);
  expect(await store.runs.get('r2')).toBeUndefined();
});

it('a history of 10,000 events is read in pages', async () => {
  const events = upTo(10_000).map((sequence) => ({ ...created('r1').events[0]!, sequence, at: T + sequence }));
  expect(await store.commit(created('r1', { events }))).toMatchObject({ type: 'committed' });
  expect(await store.runs.get('r1')).toMatchObject({ sequence: 10_000 });
  for (let after = 0; after < 10_000; after += 2_500) {
    expect(await store.events.load('r1', after, 2_500)).toEqual(events.slice(after, after + 2_500));
  }
  expect(await store.events.load('r1', 9_990, Infinity)).toEqual(events.slice(9_990));
  expect(await store.events.load('r1', 0, 0)).toEqual([]);
});

it('more messages than one command takes are consumed by one commit', async () => {
  await store.commit(created('r1'));
  const consumes = upTo(2_500).map((index) => `k${index}`);
  await Promise.all(
    consumes.map((key) => store.append({ runId: 'r1', key, draft: { type: 'workflow.resumed' }, receivedAt: T })),
  );
  const commit = committing('r1', 1, { consumes, lease: { type: 'release', owner: 'A', until: UNTIL } });
  expect(await store.commit(commit)).toEqual({ type: 'committed', released: true });
});

it('more leases and heartbeats than one script takes keep their places', async () => {
  const ids = upTo(1_203).map((index) => `r${index}`);
  await Promise.all(ids.map((runId) => store.commit(created(runId))));
  const leases = ids.map((runId, index) => ({ runId, owner: 'A', fence: index % 600 === 1 ? 2 : 1 }));
  const strangers = ['r2', 'r602', 'r1202'];
  expect(await store.renew(leases, UNTIL + 1)).toEqual(strangers);
  const beats = ids.map((runId) => ({
    runId: strangers.includes(runId) ? 'no' : runId,
    id: 'a',
    attempt: 1,
    worker: 'W',
    until: T,
  }));
  expect(await store.heartbeat(beats)).toHaveLength(3);
  for (const runId of strangers)
    await store.append({ runId, key: 'a', draft: { type: 'workflow.resumed' }, receivedAt: T });
  expect(await store.release(leases.map((lease) => ({ ...lease, fence: 1 })))).toEqual(strangers);
  expect(await store.due(UNTIL + 1, 10_000)).toHaveLength(3);
});

describe('lists of thousands of runs', () => {
  const COUNT = 2_400;

  beforeEach(async () => {
    const commits = upTo(COUNT).map((index) =>
      store.commit(
        created(`r${index}`, {
          create: {
            workflow: index % 2 ? 'odd' : 'even',
            version: 1,
            tags: [index % 3 ? 'any' : 'third'],
            createdAt: T + Math.floor(index / 10),
          },
          run: { status: index % 5 ? 'running' : 'suspended', updatedAt: T, recoveryAttempts: 0 },
        }),
      ),
    );
    await Promise.all(commits);
  });

  async function readAll(filter: Partial<RunFilter>, limit: number): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
      const page = await store.runs.list({ ...filter, limit, cursor });
      expect(page.runs.length).toBe(page.nextCursor === undefined ? page.runs.length : limit);
      ids.push(...page.runs.map(({ runId }) => runId));
      cursor = page.nextCursor;
    }
    return ids;
  }

  const newestFirst = (one: number, other: number): number =>
    Math.floor(other / 10) - Math.floor(one / 10) || (`r${other}` < `r${one}` ? -1 : 1);

  it.each<[string, Partial<RunFilter>, (index: number) => boolean]>([
    ['none', {}, () => true],
    ['a status', { status: ['suspended'] }, (index) => index % 5 === 0],
    ['two statuses', { status: ['suspended', 'running', 'running'] }, () => true],
    ['a workflow and a status', { workflow: 'odd', status: ['suspended'] }, (index) => index % 10 === 5],
    ['a workflow and two statuses', { workflow: 'odd', status: ['suspended', 'running'] }, (index) => index % 2 === 1],
    [
      'tags and times',
      { tags: ['third'], createdAfter: T + 9.5, createdBefore: T + 100 },
      (index) => index % 3 === 0 && index >= 100 && index < 1_000,
    ],
    ['what nobody has', { workflow: 'even', tags: ['any', 'third'] }, () => false],
    ['no status', { status: [] }, () => false],
  ])('are read whole, newest first, in pages of any size, filtered by %s', async (_, filter, matches) => {
    const expected = upTo(COUNT)
      .filter(matches)
      .sort(newestFirst)
      .map((index) => `r${index}`);
    expect(await readAll(filter, 700)).toEqual(expected);
    expect(await readAll(filter, 5_000)).toEqual(expected);
  });

  it('go on behind a run that has left the list meanwhile', async () => {
    const page = await store.runs.list({ status: ['suspended'], limit: 10 });
    const { runId } = page.runs.at(-1)!;
    await store.commit(committing(runId, 1));
    const next = await store.runs.list({ status: ['suspended'], limit: 10, cursor: page.nextCursor });
    expect([...page.runs, ...next.runs].map((run) => run.runId)).toEqual(
      upTo(COUNT)
        .filter((index) => index % 5 === 0)
        .sort(newestFirst)
        .map((index) => `r${index}`)
        .slice(0, 20),
    );
  });
});
