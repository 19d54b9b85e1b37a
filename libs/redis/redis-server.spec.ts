import { StoreOpenError, StoreUnavailableError } from '../core/index.js';
import { committing, created, PrivateRedis, T, upTo } from './redis.spec-helpers.js';
import { RedisStore } from './redis.store.js';

let server: PrivateRedis;
let store: RedisStore;
const warnings: string[] = [];

beforeAll(async () => {
  server = await PrivateRedis.start('--appendonly', 'yes', '--appendfsync', 'always', '--cluster-enabled', 'yes');
  await server.ask('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  // A cluster takes a moment to notice that it is complete.
  for (let info = ''; !info.includes('cluster_state:ok');) info = String(await server.ask('CLUSTER', 'INFO'));
});

afterAll(() => server.end());

beforeEach(async () => {
  warnings.splice(0);
  store = new RedisStore({ url: server.url, retryForMs: 10_000, onWarning: (message) => warnings.push(message) });
  await store.open();
});

afterEach(() => store.close());

it('that is killed in the middle of commits has kept all that were acknowledged, and goes on', async () => {
  const acknowledged = new Map<string, number>();
  let isStopping = false;
  const run = async (runId: string): Promise<void> => {
    expect(await store.commit(created(runId))).toMatchObject({ type: 'committed' });
    for (let base = 1; !isStopping; base++) {
      expect(await store.commit(committing(runId, base))).toMatchObject({ type: 'committed' });
      acknowledged.set(runId, base + 1);
    }
  };
  const running = upTo(20).map((index) => run(`r${index}`));
  const reach = async (count: number): Promise<void> => {
    while ([...acknowledged.values()].every((sequence) => sequence < count))
      await new Promise((resolve) => setImmediate(resolve));
  };

  await reach(10);
  await server.kill();
  const before = new Map(acknowledged);
  await server.start();
  const other = new RedisStore({ url: server.url });
  await other.open();
  for (const [runId, sequence] of before) {
    const run = await other.runs.get(runId);
    expect(run?.sequence).toBeGreaterThanOrEqual(sequence);
    expect((await other.events.load(runId, 0, sequence)).map(({ at }) => at - T + 1)).toEqual(upTo(sequence));
  }

  await reach(Math.max(...before.values()) + 10);
  isStopping = true;
  await Promise.all(running);
  for (const [runId, sequence] of acknowledged) {
    const events = await other.events.load(runId, 0, 100_000);
    expect(events.map(({ at }) => at - T + 1)).toEqual(upTo(sequence));
  }
  await other.close();
});

it('that keeps an append-only file gives no warning', () => {
  expect(warnings).toEqual([]);
});

it('that has lost the scripts is told them again', async () => {
  await store.commit(created('scripts'));
  await server.ask('SCRIPT', 'FLUSH');
  const ids = upTo(50).map((index) => `script ${index}`);
  expect(await Promise.all(ids.map((runId) => store.commit(created(runId))))).toHaveLength(50);
  expect(await store.commit(committing('scripts', 1))).toMatchObject({ type: 'committed' });
});

it('whose memory is full writes nothing of a commit, and goes on when it has some', async () => {
  await store.commit(created('full'));
  await store.append({ runId: 'full', key: 'a', draft: { type: 'workflow.resumed' }, receivedAt: T });
  await server.ask('CONFIG', 'SET', 'maxmemory', '1');
  const hasty = new RedisStore({ url: server.url, retryForMs: 0 });
  await hasty.open();
  const consuming = committing('full', 1, { consumes: ['a'] });
  await expect(hasty.commit(consuming)).rejects.toThrow(StoreUnavailableError);
  await expect(hasty.commit(consuming)).rejects.toThrow(/OOM/);
  expect(await store.runs.get('full')).toMatchObject({ sequence: 1 });
  expect(await store.inbox('full')).toHaveLength(1);
  const waiting = store.commit(consuming);
  await server.ask('CONFIG', 'SET', 'maxmemory', '0');
  expect(await waiting).toMatchObject({ type: 'committed' });
  expect(await store.inbox('full')).toEqual([]);
  await hasty.close();
});

it('that drops keys when memory gets short is refused', async () => {
  await server.ask('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
  const opening = new RedisStore({ url: server.url }).open();
  await expect(opening).rejects.toThrow(StoreOpenError);
  await expect(opening).rejects.toThrow(/maxmemory-policy is allkeys-lru.*Set it to noeviction/);
  await server.ask('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
});

it('that is a cluster is refused to keys without braces', async () => {
  const opening = new RedisStore({ url: server.url, keyPrefix: 'flows:' }).open();
  await expect(opening).rejects.toThrow(/the keyPrefix "flows:" has no braces/);
});
