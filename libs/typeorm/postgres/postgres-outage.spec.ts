import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../../test/processes/support/until.js';
import { createPostgresDatabase, Network } from '../../../test/services/index.js';
import { committing, created, T } from '../../../test/commits.spec-helpers.js';
import { StoreUnavailableError } from '../../core/index.js';
import { TypeOrmStore } from '../typeorm.store.js';
import { FAREWELL, Observer } from './postgres.spec-helpers.js';

let url: string;
let network: Network;
let observer: Observer;
let store: TypeOrmStore;

beforeEach(async () => {
  url = await createPostgresDatabase();
  observer = await Observer.connect(url);
  network = await Network.to(url);
  store = new TypeOrmStore({ type: 'postgres', url: network.url, poolSize: 4, retryForMs: 2_000 });
  await store.open();
});

afterEach(async () => {
  await store.close();
  await network.end();
  await observer.end();
});

const hook = (runId: string) => ({
  ...{ runId, id: 'h#1', token: runId, multiple: false, createdAt: T },
  status: 'open' as const,
});
const release = { type: 'release', owner: 'A', until: T + 15_000, wakeAt: T + 5 } as const;

async function sequencesOf(runId: string): Promise<readonly number[]> {
  return (await store.events.load(runId, 0, 1_000)).map(({ sequence }) => sequence);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('a commit whose answer is lost', () => {
  it('is found written, and is not written again', async () => {
    network.loseNextAnswer();
    expect(await store.commit(created('r1'))).toEqual({ type: 'committed', released: false });
    network.loseNextAnswer();
    expect(await store.commit(committing('r1', 1))).toEqual({ type: 'committed', released: false });
    network.loseNextAnswer();
    expect(await store.commit(committing('r1', 2, { lease: release }))).toEqual({ type: 'committed', released: true });
    expect(await sequencesOf('r1')).toEqual([1, 2, 3]);
  });

  it('is found written without events too', async () => {
    await store.commit(created('r1'));
    network.loseNextAnswer();
    expect(await store.commit(committing('r1', 1, { events: [] }))).toEqual({ type: 'committed', released: false });
    network.loseNextAnswer();
    const letGo = committing('r1', 1, { events: [], lease: release });
    expect(await store.commit(letGo)).toEqual({ type: 'committed', released: true });
  });

  it('is refused if somebody else had the run before', async () => {
    await store.commit(created('r1'));
    await store.claim({ runId: 'r1', owner: 'B', now: T + 15_000, until: T + 30_000 });
    network.loseNextAnswer();
    expect(await store.commit(committing('r1', 1))).toEqual({ type: 'fenced' });
    network.loseNextAnswer();
    const again = created('r1', { events: [{ ...created('r1').events[0]!, payload: '["other"]' } as never] });
    expect(await store.commit(again)).toMatchObject({ type: 'duplicate', runId: 'r1' });
  });

  it('is written once with hooks, wherever in its transaction the connection ends', async () => {
    for (let statement = 1; statement <= 7; statement++) {
      const runId = `r${statement}`;
      const committed = store.commit(created(runId, { opensHooks: [hook(runId)] }));
      for (let answers = 1; answers < statement; answers++) await new Promise((resolve) => setTimeout(resolve, 1));
      network.loseNextAnswer();
      expect(await committed).toMatchObject({ type: 'committed' });
      expect(await sequencesOf(runId)).toEqual([1]);
      expect(await store.hooks.list(runId)).toHaveLength(1);
    }
  });

  it('of a heartbeat that begins an attempt lets it begin, once', async () => {
    await store.commit(created('r1'));
    const begin = { runId: 'r1', id: 'a#1', attempt: 1, worker: 'W', until: T + 5, begins: true } as const;
    network.loseNextAnswer();
    expect(await store.heartbeat([begin])).toEqual([]);
    for (const again of [begin, { ...begin, until: T + 6 }, { ...begin, worker: 'V' }]) {
      expect(await store.heartbeat([again])).toEqual([again]);
    }
    for (const later of [
      { ...begin, until: T + 6 },
      { ...begin, worker: 'V' },
    ]) {
      network.loseNextAnswer();
      expect(await store.heartbeat([later])).toEqual([later]);
    }
    expect(await store.heartbeats('r1')).toMatchObject([{ worker: 'W', until: T + 5 }]);
  });

  it('of a message or a delivery is given once', async () => {
    await store.commit(created('r1', { opensHooks: [hook('r1')] }));
    network.loseNextAnswer();
    const message = { runId: 'r1', key: 'a', draft: { type: 'workflow.resumed' }, receivedAt: T } as const;
    expect(['appended', 'duplicate']).toContain((await store.append(message)).type);
    network.loseNextAnswer();
    const delivery = { token: 'r1', payload: '1', deliveryId: 'd', receivedAt: T };
    expect(['delivered', 'duplicate']).toContain((await store.deliverHook(delivery)).type);
    expect(await store.inbox('r1')).toHaveLength(2);
  });
});

it('a process that is frozen in the middle of a commit keeps nobody from its run, and is refused when it wakes', async () => {
  const frozen = new TypeOrmStore({ type: 'postgres', url: network.url, retryForMs: 15_000 });
  await frozen.open();
  await frozen.commit(created('r1'));
  network.freezeAfter('FOR NO KEY UPDATE');
  const committed = frozen.commit(committing('r1', 1, { opensHooks: [hook('r1')] }));
  const other = new TypeOrmStore({ type: 'postgres', url });
  await other.open();
  const claimed = await other.claim({ runId: 'r1', owner: 'B', now: T + 15_000, until: T + 30_000 });
  expect(claimed?.run).toMatchObject({ owner: 'B', fence: 2, sequence: 1 });
  network.thaw();
  expect(await committed).toEqual({ type: 'fenced' });
  expect(await sequencesOf('r1')).toEqual([1]);
  await Promise.all([frozen.close(), other.close()]);
});

it('a connection that ends while it is passed from one to the next does not end the process', async () => {
  const narrow = new TypeOrmStore({ type: 'postgres', url: network.url, poolSize: 1, retryForMs: 15_000 });
  await narrow.open();
  network.endBehindNextAnswer(FAREWELL);
  const [run, committed] = await Promise.all([
    narrow.runs.get('r1'),
    narrow.commit(created('r1', { opensHooks: [hook('r1')] })), // a transaction, which waits for the connection
  ]);
  expect(run).toBeUndefined();
  expect(committed).toMatchObject({ type: 'committed' });
  await narrow.close();
});

it('connections that an administrator ends at random lose no commit and write none twice', async () => {
  const patient = new TypeOrmStore({ type: 'postgres', url, poolSize: 4, retryForMs: 60_000 });
  await patient.open();
  const ids = upTo(30).map((index) => `r${index}`);
  let isDone = false;
  let killed = 0;
  let commits = 0;
  const killing = (async () => {
    while (!isDone) {
      await delay(Math.random() * 60);
      killed += await observer.terminate(1);
      // On a machine that is busy, a commit takes longer than any pause between two of them.
      const before = commits;
      await until(
        () => commits > before || isDone,
        () => 'no commit comes through',
      );
    }
  })();
  const run = async (runId: string, withHooks: boolean): Promise<number> => {
    expect(await patient.commit(created(runId))).toMatchObject({ type: 'committed' });
    let base = 1;
    for (; base < 25 || (killed < 12 && base < 500); base++) {
      const opensHooks = withHooks ? [{ ...hook(runId), id: `h#${base}`, token: `${runId} ${base}` }] : [];
      expect(await patient.commit(committing(runId, base, { opensHooks }))).toMatchObject({ type: 'committed' });
      commits += 1;
    }
    return base;
  };
  const running = ids.map((runId, index) => run(runId, index % 3 === 0));
  const counts = await Promise.all(running).finally(() => (isDone = true));
  await killing;
  await patient.close();
  expect(killed).toBeGreaterThan(5);
  for (const [index, runId] of ids.entries()) {
    expect(await sequencesOf(runId)).toEqual(upTo(counts[index]!));
    expect(await store.hooks.list(runId)).toHaveLength(index % 3 === 0 ? counts[index]! - 1 : 0);
  }
}, 90_000);

describe('a server that is gone', () => {
  it('is told by an error that names it without its password, and serves again when it is back', async () => {
    await store.commit(created('r1'));
    const comeBack = await network.goDown();
    const calls = await Promise.allSettled([
      store.commit(committing('r1', 1)),
      store.append({ runId: 'r1', key: 'a', draft: { type: 'workflow.resumed' }, receivedAt: T }),
      store.runs.get('r1'),
      store.renew([{ runId: 'r1', owner: 'A', fence: 1 }], T),
    ]);
    for (const call of calls) expect(call).toMatchObject({ reason: expect.any(StoreUnavailableError) });
    const { message } = (calls[0] as PromiseRejectedResult).reason;
    expect(message).toContain('postgres://127.0.0.1');
    expect(message).not.toContain('@');
    await comeBack();
    expect(await store.commit(committing('r1', 1))).toMatchObject({ type: 'committed' });
    expect(await sequencesOf('r1')).toEqual([1, 2]);
  });

  it('is waited for, a while and without haste', async () => {
    await store.commit(created('r1'));
    const comeBack = await network.goDown();
    const committed = store.commit(committing('r1', 1));
    const before = store.statistics.statements ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 700));
    await comeBack();
    expect(await committed).toMatchObject({ type: 'committed' });
    expect((store.statistics.statements ?? 0) - before).toBeLessThan(15);
  });

  it('does not end the process that has idle connections to it', async () => {
    await Promise.all(upTo(4).map((index) => store.runs.get(`r${index}`)));
    expect(await observer.terminate()).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await store.runs.get('r1')).toBeUndefined();
  });

  it('is told when the store is opened', async () => {
    const nobody = url.replace(/@[^/]+/, '@127.0.0.1:1');
    const opening = new TypeOrmStore({ type: 'postgres', url: nobody }).open();
    await expect(opening).rejects.toThrow(StoreUnavailableError);
  });
});
