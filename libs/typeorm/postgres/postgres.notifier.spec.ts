import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { useFakeIntervals } from '../../../test/fake-intervals.spec-helpers.js';
import { createPostgresDatabase, Network } from '../../../test/services/index.js';
import { macrotaskTurn, type Notice, type Notifier } from '../../core/index.js';
import { TypeOrmStore } from '../typeorm.store.js';
import type { TypeOrmStoreOptions } from '../typeorm.options.js';
import { PostgresNotifier } from './postgres.notifier.js';
import { Observer } from './postgres.spec-helpers.js';

const ended = (runId: string): Notice => ({ type: 'run.ended', runId });
const cleanUps: (() => Promise<unknown>)[] = [];
let errors: unknown[];
let url: string;
let observer: Observer;

beforeAll(async () => {
  url = await createPostgresDatabase();
});
beforeEach(async () => {
  errors = [];
  observer = await Observer.connect(url);
});
const closeAll = async (): Promise<void> => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
};
afterEach(async () => {
  await closeAll();
  await observer.end();
});

const onError = (error: unknown): void => void errors.push(error);

/** The notifier of a process, open, and the runs that it hears of. */
async function listening(options: Partial<TypeOrmStoreOptions> = {}, patienceMs = 10_000) {
  const store = new TypeOrmStore({ type: 'postgres', url, poolSize: 2, ...options } as TypeOrmStoreOptions);
  await store.open();
  const notifier = store.notifier({ onError, patienceMs })!;
  cleanUps.push(async () => {
    await notifier.close();
    await store.close();
  });
  const heard: string[] = [];
  notifier.subscribe(({ runId }) => heard.push(runId));
  await notifier.open();
  return { store, notifier, heard };
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 15_000; !(await isSo());) {
    if (Date.now() > deadline) throw new Error(`It did not come in time: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The connections to the database that have listened or notified last. */
const connections = async (): Promise<number> =>
  (
    await observer.query(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'nestjs-pyworkflow'
     AND (query LIKE '%pg_locks%' OR query LIKE '%pg_notify%')`,
    )
  ).length;

async function withFakeIntervals(test: () => Promise<void>): Promise<void> {
  useFakeIntervals();
  try {
    await test();
  } finally {
    jest.useRealTimers();
    await closeAll();
  }
}

let marks = 0;

/** Publishes again and again, as long as it may be lost, until the other hears it. */
async function comesThrough(from: Notifier, to: { readonly heard: readonly string[] }): Promise<void> {
  const mark = `mark ${++marks}`;
  await until(() => {
    from.publish(ended(mark));
    return to.heard.includes(mark);
  });
}

describe('applications in two schemas of a database', () => {
  const long = (letter: string): string => 'ü'.repeat(30) + letter;

  it.each([
    ['short names', 'one', 'two'],
    ['hostile names', `a"; NOTIFY x --`, `A"; NOTIFY x --`],
    ['names that make a channel too long', long('a'), long('b')],
  ])('do not hear each other: %s', async (_, one, two) => {
    const [a, b, c] = [
      await listening({ schema: one }),
      await listening({ schema: two }),
      await listening({ schema: one }),
    ];
    b.notifier.publish(ended('theirs'));
    await b.notifier.close();
    a.notifier.publish(ended('ours'));
    await until(() => c.heard.length > 0);
    expect(c.heard).toEqual(['ours']);
  });

  it('hear each other if the search path of one leads to the schema of the other', async () => {
    const a = await listening({ schema: 'found' });
    const dataSource = new DataSource({ type: 'postgres', url, extra: { options: '-c search_path=found' } });
    const b = await listening({ type: undefined, url: undefined, dataSource } as never);
    await comesThrough(a.notifier, b);
    await comesThrough(b.notifier, a);
  });
});

describe('what it costs', () => {
  it('is one statement for all notices of a turn, however many there are', async () => {
    const network = await Network.to(url);
    cleanUps.push(() => network.end());
    const [a, b] = [await listening({ url: network.url }), await listening()];
    const statements = network.countOf('pg_notify');
    const messages = await observer.overhear('pyworkflow:public');
    for (let index = 0; index < 1_000; index++) a.notifier.publish(ended(`run ${index}`));
    await until(() => b.heard.length === 1_000);
    expect(statements()).toBe(1);
    expect(messages.length).toBeLessThan(10);
  });

  it('is one connection, which is closed with it', async () => {
    const before = await connections();
    const { notifier, store } = await listening();
    expect((await connections()) - before).toBe(1);
    await notifier.close();
    await until(async () => (await connections()) === before);
    await store.runs.get('run');
  });

  it('is no wait for the disk, which others go on to wait for', async () => {
    const network = await Network.to(url);
    cleanUps.push(() => network.end());
    const [a] = [await listening({ url: network.url }), await listening()];
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    cleanUps.push(() => client.end());
    const notify = `SELECT pg_notify('x', 'y') FROM set_config('synchronous_commit', 'off', true)`;
    const { rows } = await client.query(
      `${notify.replace("'y')", "'y'), current_setting('synchronous_commit') AS now")}`,
    );
    expect(rows[0].now).toBe('off');
    expect((await client.query('SHOW synchronous_commit')).rows).toEqual([{ synchronous_commit: 'on' }]);
    const asked = network.countOf(`set_config('synchronous_commit', 'off', true)`);
    a.notifier.publish(ended('run'));
    await until(() => asked() === 1);
  });
});

describe('a process that listens alone', () => {
  const alone = async () => {
    const network = await Network.to(url);
    cleanUps.push(() => network.end());
    const { notifier } = await listening({ url: network.url });
    return { notifier, network, notifications: network.countOf('pg_notify') };
  };

  /** Publishes, and waits for so many counts of those who listen, which come behind it on the connection. */
  async function publishAndCount(notifier: Notifier, network: Network, times: number): Promise<void> {
    notifier.publish(ended('run'));
    for (let turn = 0; turn < 5; turn++) await macrotaskTurn();
    const counts = network.countOf('FROM pg_locks');
    for (let count = 1; count <= times; count++) {
      jest.advanceTimersByTime(15_000);
      await until(() => counts() === count);
    }
  }

  it('sends nothing', async () => {
    await withFakeIntervals(async () => {
      const { notifier, network, notifications } = await alone();
      await publishAndCount(notifier, network, 1);
      expect(notifications()).toBe(0);
    });
  });

  it('tells who comes what nobody was there for, since it may have listened before it is known', async () => {
    const { notifier, notifications } = await alone();
    for (const runId of ['r1', 'r2', 'r3']) notifier.publish(ended(runId));
    const b = await listening();
    notifier.publish(ended('r4'));
    await until(() => b.heard.length === 4);
    expect(b.heard).toEqual(['r1', 'r2', 'r3', 'r4']);
    expect(notifications()).toBeLessThanOrEqual(2);
  });

  it('tells who came while its connection was cut', async () => {
    const { notifier, network } = await alone();
    notifier.publish(ended('run'));
    const goUp = await network.goDown();
    const b = await listening();
    await goUp();
    await until(() => b.heard.length > 0);
    expect(b.heard).toEqual(['run']);
  });

  it('is not told otherwise by a count that another one has come after', async () => {
    let giveAnswer = (): void => {};
    const isHeld = new Promise<void>((resolve) => (giveAnswer = resolve));
    let isAsked = false;
    /** Hears the answer to how many listen late. */
    class Client extends pg.Client {
      override query(...args: never[]): never {
        const answer: Promise<unknown> = Reflect.apply(super.query, this, args) as never;
        const [{ text }] = args as unknown as [{ text: string }];
        if (!text.includes('FROM pg_locks')) return answer as never;
        isAsked = true;
        return answer.then(async (result) => {
          await isHeld;
          return result;
        }) as never;
      }
    }
    const pool = new pg.Pool({ connectionString: url, Client } as object);
    const source = { pool: pool as never, schema: undefined, place: 'postgres://127.0.0.1' };
    const notifier = new PostgresNotifier(() => source, { onError, patienceMs: 10_000 });
    cleanUps.push(() => notifier.close());
    const opening = notifier.open();
    await until(() => isAsked);
    await until(async () => (await observer.listeners()) === 1);
    const b = await listening();
    b.notifier.publish(ended('mark'));
    const heard: string[] = [];
    notifier.subscribe(({ runId }) => heard.push(runId));
    await until(() => heard.includes('mark'));
    giveAnswer();
    await opening;
    notifier.publish(ended('run'));
    await until(() => b.heard.includes('run'));
  });

  it('is one again when the others have gone, and it has counted', async () => {
    await withFakeIntervals(async () => {
      const { notifier, network } = await alone();
      const b = await listening();
      await comesThrough(notifier, b);
      await b.notifier.close();
      await until(async () => (await observer.listeners()) === 1);
      await publishAndCount(notifier, network, 2); // the second is asked when the first has been answered
      const notifications = network.countOf('pg_notify');
      await publishAndCount(notifier, network, 1);
      expect(notifications()).toBe(0);
    });
  });
});

describe('a connection', () => {
  it('that an administrator ends is replaced, which is reported once', async () => {
    const [a, b] = [await listening(), await listening()];
    let missed = 0;
    a.notifier.onMissed(() => missed++);
    await observer.terminate();
    await until(() => missed === 1);
    await comesThrough(b.notifier, a);
    expect(errors).toHaveLength(2);
    expect(errors[0]).toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('administrator') });
    expect(String(errors[0])).not.toContain('@');
  });

  it('that an administrator ends while it is asked is replaced, and what was asked comes through', async () => {
    let victims = 1;
    /** Its query is told of the end of the connection before the connection is. */
    class Client extends pg.Client {
      override query(...args: never[]): never {
        const [{ text }] = args as unknown as [{ text: string }];
        if (!text.includes('pg_notify') || victims-- <= 0) return Reflect.apply(super.query, this, args) as never;
        setImmediate(() => void this.end());
        const message = 'terminating connection due to administrator command';
        return Promise.reject(Object.assign(new Error(message), { code: '57P01' })) as never;
      }
    }
    const { heard } = await listening();
    const pool = new pg.Pool({ connectionString: url, Client } as object);
    const source = { pool: pool as never, schema: undefined, place: 'postgres://127.0.0.1' };
    const notifier = new PostgresNotifier(() => source, { onError, patienceMs: 10_000 });
    cleanUps.push(() => notifier.close());
    await notifier.open();
    notifier.publish(ended('run'));
    await until(() => heard.length > 0);
    expect(heard).toEqual(['run']);
    expect(errors).toMatchObject([
      { code: 'STORE_UNAVAILABLE', message: expect.stringContaining('administrator command') },
    ]);
  });

  it('that is refused again and again is reported once', async () => {
    const network = await Network.to(url);
    cleanUps.push(() => network.end());
    const a = await listening({ url: network.url });
    const goUp = await network.goDown();
    const before = network.connections;
    await until(() => errors.length > 0);
    for (let index = 0; index < 3; index++) a.notifier.publish(ended(`run ${index}`));
    await goUp();
    await until(() => network.connections > before);
    expect(errors).toHaveLength(1);
  });

  it('carries what is published in a short outage', async () => {
    const network = await Network.to(url);
    cleanUps.push(() => network.end());
    const [a, b] = [await listening({ url: network.url }), await listening()];
    const goUp = await network.goDown();
    a.notifier.publish(ended('run'));
    await goUp();
    await until(() => b.heard.length > 0);
    expect(b.heard).toEqual(['run']);
  });

  it('that falls silent is noticed and replaced', async () => {
    await withFakeIntervals(async () => {
      const network = await Network.to(url);
      cleanUps.push(() => network.end());
      const [a, b] = [await listening({ url: network.url }, 1_000), await listening()];
      network.silence();
      jest.advanceTimersByTime(15_000);
      await until(() => {
        b.notifier.publish(ended('run'));
        return a.heard.length > 0;
      });
      expect(errors).toMatchObject([{ message: expect.stringContaining('no answer within 1000 ms') }]);
    });
  });

  it('to a server that takes it and says nothing is not waited for', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = (server.address() as { port: number }).port;
    const pool = new pg.Pool({ connectionString: `postgres://nobody:secret@127.0.0.1:${port}/none` });
    const source = { pool: pool as never, schema: undefined, place: 'postgres://127.0.0.1/none' };
    const notifier = new PostgresNotifier(() => source, { onError, patienceMs: 100 });
    await expect(notifier.open()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await notifier.close();
    expect(errors).toEqual([]);
    for (const socket of sockets) socket.destroy();
    server.close();
  });
});

it('connects as the pool does, also with a password that it hides', async () => {
  const passwords: unknown[] = [];
  class Client extends pg.Client {
    constructor(options: pg.ClientConfig) {
      super(options);
      passwords.push(options.password);
    }
  }
  const { hostname, port, username, password, pathname } = new URL(url);
  const give = async (): Promise<string> => decodeURIComponent(password);
  const place = { host: hostname, port: Number(port), user: username, database: pathname.slice(1) };
  const pool = new pg.Pool({ ...place, password: give, Client } as object);
  const source = { pool: pool as never, schema: undefined, place: 'postgres://127.0.0.1' };
  const notifier = new PostgresNotifier(() => source, { onError });
  await notifier.open();
  await notifier.close();
  expect(passwords).toEqual([give]);
});

it('is none for a store that shall not listen, or cannot', () => {
  const none = (options: object) => new TypeOrmStore(options as TypeOrmStoreOptions).notifier({ onError });
  expect(none({ type: 'sqlite', path: ':memory:' })).toBeUndefined();
  expect(none({ type: 'postgres', url, listen: false })).toBeUndefined();
  expect(none({ type: 'postgres', url, preparedStatements: false })).toBeUndefined();
  expect(none({ type: 'postgres', url, preparedStatements: false, listen: true })).toBeDefined();
  expect(none({ dataSource: new DataSource({ type: 'postgres', url }), listen: false })).toBeUndefined();
});

it('cannot be opened before its store', async () => {
  const notifier = new TypeOrmStore({ type: 'postgres', url }).notifier({ onError })!;
  await expect(notifier.open()).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  await notifier.close();
});
