import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { created, T } from '../../../test/commits.spec-helpers.js';
import { WORKFLOW_ENTITIES } from '../entities/entities.js';
import { WorkflowRunEntity } from '../entities/workflow-run.entity.js';
import { removeDatabase, SafeLibsql } from '../sqlite.spec-helpers.js';
import { TypeOrmStore } from '../typeorm.store.js';

let path: string;
let dataSource: DataSource;
let store: TypeOrmStore;

beforeEach(async () => {
  path = join(tmpdir(), `${randomUUID()}.sqlite`);
  dataSource = new DataSource({
    type: 'better-sqlite3',
    driver: SafeLibsql,
    database: path,
    entities: WORKFLOW_ENTITIES,
  });
  await dataSource.initialize();
  await dataSource.query('CREATE TABLE orders (id text)');
  store = new TypeOrmStore({ dataSource });
  await store.open();
});

afterEach(async () => {
  await store.close();
  if (dataSource.isInitialized) await dataSource.destroy();
  await removeDatabase(path);
});

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const turns = (async () => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    return 'pending';
  })();
  return (await Promise.race([promise.catch(() => 'failed'), turns])) !== 'pending';
}

describe("the application's transaction on the same connection", () => {
  it('when it is rolled back takes no commit with it that was acknowledged', async () => {
    const queryRunner = dataSource.createQueryRunner();
    await queryRunner.startTransaction();
    await queryRunner.query(`INSERT INTO orders VALUES ('lost')`);
    const commit = store.commit(created('r1'));
    expect(await isSettled(commit)).toBe(false);
    await queryRunner.rollbackTransaction();
    expect(await commit).toEqual({ type: 'committed', released: false });
    expect(await dataSource.query('SELECT * FROM orders')).toEqual([]);
    expect(await store.runs.get('r1')).toMatchObject({ runId: 'r1' });
  });

  it('lets waiting commits through the moment it ends, and all at once', async () => {
    const before = store.statistics.transactions;
    const commits: Promise<unknown>[] = [];
    await dataSource.transaction(async (manager) => {
      for (let index = 0; index < 50; index++) {
        commits.push(store.commit(created(`r${index}`)));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await manager.query(`INSERT INTO orders VALUES ('kept')`);
    });
    expect(store.statistics.transactions).toBe(before + 1);
    await Promise.all(commits);
    expect(await dataSource.query('SELECT * FROM orders')).toEqual([{ id: 'kept' }]);
  });

  it('is not seen by the store before it is committed', async () => {
    await store.commit(created('r1'));
    const queryRunner = dataSource.createQueryRunner();
    await queryRunner.startTransaction();
    await queryRunner.query(`UPDATE workflow_run SET reason = 'not committed'`);
    const reading = store.runs.get('r1');
    expect(await isSettled(reading)).toBe(false);
    await queryRunner.rollbackTransaction();
    expect((await reading)?.reason).toBeUndefined();
  });

  it('is waited for also if it was begun by hand', async () => {
    await dataSource.query('BEGIN');
    const commit = store.commit(created('r1'));
    expect(await isSettled(commit)).toBe(false);
    await dataSource.query('ROLLBACK');
    expect(await commit).toMatchObject({ type: 'committed' });
  });

  it('never sees a transaction of the store in its way', async () => {
    const work = Array.from({ length: 100 }, (_, index) => store.commit(created(`r${index}`)));
    for (let index = 0; index < 20; index++) {
      await dataSource.transaction(async (manager) => {
        await manager.query('INSERT INTO orders VALUES (?)', [`${index}`]);
        await new Promise((resolve) => setImmediate(resolve));
      });
    }
    expect(await Promise.all(work)).toHaveLength(100);
    expect(await dataSource.query('SELECT COUNT(*) AS count FROM orders')).toEqual([{ count: 20 }]);
  });

  it('is waited for by close', async () => {
    const queryRunner = dataSource.createQueryRunner();
    await queryRunner.startTransaction();
    const commit = store.commit(created('r1'));
    const closing = store.close();
    await queryRunner.commitTransaction();
    await closing;
    expect(await commit).toMatchObject({ type: 'committed' });
  });
});

describe('a shared DataSource', () => {
  it('stays open when the store closes, and is left as it was', async () => {
    const { length } = dataSource.subscribers;
    await store.close();
    expect(dataSource.isInitialized).toBe(true);
    expect(dataSource.subscribers).toHaveLength(length - 1);
  });

  it('is opened and closed by the store if nobody has opened it', async () => {
    await store.close();
    await dataSource.destroy();
    store = new TypeOrmStore({ dataSource });
    await store.open();
    expect(dataSource.isInitialized).toBe(true);
    await store.close();
    expect(dataSource.isInitialized).toBe(false);
  });

  it('serves queries of your own with the entities', async () => {
    await store.commit(created('r1'));
    const [run] = await dataSource.getRepository(WorkflowRunEntity).findBy({ status: 'running' });
    expect(run).toMatchObject({ runId: 'r1', tags: ['eu'], createdAt: T, endedAt: null });
  });

  it('of another kind of database is refused', () => {
    const oracle = { options: { type: 'oracle' } } as DataSource;
    expect(() => new TypeOrmStore({ dataSource: oracle })).toThrow('"oracle"');
  });
});
