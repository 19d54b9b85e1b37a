import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../test/processes/support/until.js';
import { Network, redisKeyPrefix, redisUrl } from '../../test/services/index.js';
import { StoreClosedError, StoreOpenError, StoreUnavailableError } from '../core/index.js';
import { asking, committing, created, hookOf, T, UNTIL, upTo } from './redis.spec-helpers.js';
import { RedisStore } from './redis.store.js';

let url: string;
let network: Network;
let store: RedisStore;
let prefixes = 0;

const onWarning = (): void => {};

function newPrefix(): string {
  return `${redisKeyPrefix()}{${(prefixes += 1)}}:`;
}

beforeEach(async () => {
  url = await redisUrl();
  network = await Network.to(url);
  store = new RedisStore({ url: network.url, keyPrefix: newPrefix(), retryForMs: 1_000, onWarning });
  await store.open();
});

afterEach(async () => {
  await store.close();
  await network.end();
});

const release = { type: 'release', owner: 'A', until: UNTIL, wakeAt: T + 5 } as const;
const committed = { type: 'committed', released: false };

async function sequencesOf(runId: string): Promise<readonly number[]> {
  return (await store.events.load(runId, 0, 10_000)).map(({ sequence }) => sequence);
}

describe('a commit whose answer is lost', () => {
  it('is found written, and is not written again', async () => {
    network.loseNextAnswer();
    expect(await store.commit(created('r1'))).toEqual(committed);
    network.loseNextAnswer();
    expect(await store.commit(committing('r1', 1))).toEqual(committed);
    network.loseNextAnswer();
    expect(await store.commit(committing('r1', 2, { lease: release }))).toEqual({ type: 'committed', released: true });
    expect(await sequencesOf('r1')).toEqual([1, 2, 3]);
  });

  it('is found written without events too', async () => {
    await store.commit(created('r1'));
    network.loseNextAnswer();
    expect(await store.commit(committing('r1', 1, { events: [] }))).toEqual(committed);
    network.loseNextAnswer();
    const letGo = committing('r1', 1, { events: [], lease: release });
    expect(await store.commit(letGo)).toEqual({ type: 'committed', released: true });
  });

  it('is found written with hooks, messages and the end of the run', async () => {
    network.loseNextAnswer();
    expect(await store.commit(created('r1', { opensHooks: [hookOf('r1')] }))).toEqual(committed);
    await store.append({ runId: 'r1', key: 'a', draft: { type: 'workflow.resumed' }, receivedAt: T });
    network.loseNextAnswer();
    const run = { status: 'completed', updatedAt: T, endedAt: T, recoveryAttempts: 0 } as const;
    expect(await store.commit(committing('r1', 1, { consumes: ['a'], run }))).toEqual({
      type: 'committed',
      released: true,
    });
    expect(await store.hooks.list('r1')).toMatchObject([{ status: 'closed' }]);
  });

  it('is refused if somebody else had the run before', async () => {
    await store.commit(created('r1'));
    await store.claim({ runId: 'r1', owner: 'B', now: UNTIL, until: UNTIL + 15_000 });
    network.loseNextAnswer();
    expect(await store.commit(committing('r1', 1))).toEqual({ type: 'fenced' });
    network.loseNextAnswer();
    const [first] = created('r1').events;
    const again = created('r1', { events: [{ ...first, payload: '["other"]' } as never] });
    expect(await store.commit(again)).toMatchObject({ type: 'duplicate', runId: 'r1' });
    network.loseNextAnswer();
    expect(await store.commit(committing('r1', 1, { events: [] }))).toEqual({ type: 'fenced' });
  });

  it('of a message or a delivery is given once', async () => {
    await store.commit(created('r1', { opensHooks: [hookOf('r1')] }));
    network.loseNextAnswer();
    const message = { runId: 'r1', key: 'a', draft: { type: 'workflow.resumed' }, receivedAt: T } as const;
    expect(['appended', 'duplicate']).toContain((await store.append(message)).type);
    network.loseNextAnswer();
    const delivery = { token: 'r1', payload: '1', deliveryId: 'd', receivedAt: T };
    expect(['delivered', 'duplicate']).toContain((await store.deliverHook(delivery)).type);
    expect(await store.inbox('r1')).toHaveLength(2);
  });

  it('of the beginning of an attempt does not keep it from beginning', async () => {
    await store.commit(created('r1'));
    const begin = { runId: 'r1', id: 'a#1', attempt: 1, worker: 'W', until: T, begins: true } as const;
    network.loseNextAnswer();
    expect(await store.heartbeat([begin])).toEqual([]);
    expect(await store.heartbeat([begin])).toEqual([begin]);
  });

  it('leaves its neighbours their answers, however many were under way', async () => {
    for (const round of upTo(5)) {
      const ids = upTo(200).map((index) => `${round}-${index}`);
      const commits = ids.map((runId) => store.commit(created(runId)));
      network.loseNextAnswer();
      expect(await Promise.all(commits)).toEqual(ids.map(() => committed));
    }
  });
});

it('connections that an administrator ends at random lose no commit and write none twice', async () => {
  const patient = new RedisStore({ url: network.url, keyPrefix: newPrefix(), retryForMs: 60_000, onWarning });
  await patient.open();
  const ids = upTo(30).map((index) => `r${index}`);
  let isDone = false;
  let killed = 0;
  let commits = 0;
  const killing = asking(url, async (observer) => {
    while (!isDone) {
      await delay(Math.random() * 60);
      const clients = String(await observer.client('LIST')).split('\n');
      for (const line of clients) {
        const [, id, port] = /^id=(\d+) addr=\S+:(\d+)/.exec(line) ?? [];
        if (id !== undefined && network.ports.has(Number(port)))
          killed += await observer.client('KILL', 'ID', Number(id)).then(Number, () => 0);
      }
      // On a machine that is busy, a commit takes longer than any pause between two of them.
      const before = commits;
      await until(
        () => commits > before || isDone,
        () => 'no commit comes through',
      );
    }
  });
  const run = async (runId: string, withHooks: boolean): Promise<number> => {
    expect(await patient.commit(created(runId))).toEqual(committed);
    let base = 1;
    for (; base < 25 || (killed < 12 && base < 1_000); base++) {
      const opensHooks = withHooks ? [hookOf(runId, { id: `h#${base}`, token: `${runId} ${base}` })] : [];
      expect(await patient.commit(committing(runId, base, { opensHooks }))).toEqual(committed);
      commits += 1;
    }
    return base;
  };
  const running = ids.map((runId, index) => run(runId, index % 3 === 0));
  const counts = await Promise.all(running).finally(() => (isDone = true));
  await killing;
  expect(killed).toBeGreaterThan(5);
  for (const [index, runId] of ids.entries()) {
    const sequences = (await patient.events.load(runId, 0, 10_000)).map(({ at }) => at - T + 1);
    expect(sequences).toEqual(upTo(counts[index]!));
    expect(await patient.hooks.list(runId)).toHaveLength(index % 3 === 0 ? counts[index]! - 1 : 0);
  }
  await patient.close();
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
    const { message } = (calls[0] as PromiseRejectedResult).reason as Error;
    expect(message).toMatch(/redis:\/\/127\.0\.0\.1:\d+ cannot be reached, or cannot write: .*ECONNREFUSED/);
    await comeBack();
    expect(await store.commit(committing('r1', 1))).toEqual(committed);
    expect(await sequencesOf('r1')).toEqual([1, 2]);
  });

  it('is waited for', async () => {
    await store.commit(created('r1'));
    const comeBack = await network.goDown();
    const commits = store.commit(committing('r1', 1));
    await delay(300);
    await comeBack();
    expect(await commits).toEqual(committed);
  });

  it('is told when the store is opened', async () => {
    const nobody = new RedisStore({ url: 'redis://ada:secret@127.0.0.1:1', retryForMs: 100 });
    await expect(nobody.open()).rejects.toThrow(StoreUnavailableError);
    await expect(nobody.open()).rejects.not.toThrow(/secret/);
    await nobody.close();
  });

  it('does not keep the store from closing', async () => {
    await network.goDown();
    const call = store.runs.get('r1');
    await Promise.all([expect(call).rejects.toThrow(StoreUnavailableError), store.close()]);
    await expect(store.runs.get('r1')).rejects.toThrow(StoreClosedError);
  });

  it('keeps the process alive no longer when the store is closed', async () => {
    await store.close(); // its connection would try again meanwhile
    jest.useFakeTimers({
      doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'],
    });
    try {
      const impatient = new RedisStore({ url: network.url, keyPrefix: newPrefix(), retryForMs: 0, onWarning });
      await impatient.open();
      await network.goDown();
      await expect(impatient.runs.get('r1')).rejects.toThrow(StoreUnavailableError);
      await impatient.close();
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });
});

it('an account that Redis does not know is told at once', async () => {
  const stranger = new RedisStore({ url: url.replace('://', '://ada:secret@'), retryForMs: 60_000 });
  const opening = stranger.open();
  await expect(opening).rejects.toThrow(StoreOpenError);
  await expect(opening).rejects.not.toThrow(/secret/);
});
