import { DataSource } from 'typeorm';
import { createPostgresDatabase } from '../../../test/services/index.js';
import { InvalidInputError, StoreOpenError } from '../../core/index.js';
import { committing, created, T } from '../../../test/commits.spec-helpers.js';
import { WORKFLOW_ENTITIES } from '../entities/entities.js';
import { WorkflowRunEntity } from '../entities/workflow-run.entity.js';
import { SCHEMA_MIGRATIONS, WORKFLOW_MIGRATIONS } from '../migrations/workflow-migrations.js';
import { OtherProcess } from '../other-process.spec-helpers.js';
import { TypeOrmStore } from '../typeorm.store.js';
import type { TypeOrmStoreOptions } from '../typeorm.options.js';
import { migrate } from './migrate.js';
import { PostgresDatabase } from './postgres-database.js';
import type { PgPool, PgTypes } from './postgres-pool.js';
import { Observer } from './postgres.spec-helpers.js';
import { PreparedStatements } from './prepared-statements.js';

let url: string;
let observer: Observer;
const stores: TypeOrmStore[] = [];
const accounts: string[] = [];

beforeEach(async () => {
  url = await createPostgresDatabase();
  observer = await Observer.connect(url);
});

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  for (const account of accounts.splice(0)) await observer.query(`DROP OWNED BY ${account}; DROP ROLE ${account}`);
  await observer.end();
});

async function open(options: Partial<TypeOrmStoreOptions> = {}): Promise<TypeOrmStore> {
  const store = new TypeOrmStore({ type: 'postgres', url, poolSize: 2, ...options } as TypeOrmStoreOptions);
  stores.push(store);
  await store.open();
  return store;
}

/** The URL of an account that has no rights yet. */
async function createAccount(): Promise<URL> {
  const account = new URL(url);
  account.username = `r_${process.pid}_${accounts.length}_${Date.now()}`;
  account.password = 'secret';
  accounts.push(account.username);
  await observer.query(`CREATE ROLE ${account.username} LOGIN PASSWORD 'secret'`);
  await observer.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  return account;
}

const tables = async (schema = 'public'): Promise<string[]> =>
  (
    await observer.query<{ tablename: string }>(
      `SELECT tablename FROM pg_tables WHERE schemaname = $1 AND tablename LIKE 'workflow%' ORDER BY 1`,
      [schema],
    )
  ).map(({ tablename }) => tablename);

const TABLES = ['event', 'heartbeat', 'hook', 'inbox', 'migration', 'process', 'run', 'run_tag'].map(
  (name) => `workflow_${name}`,
);

describe('migrations', () => {
  it('bring a fresh database up to date, and change nothing when they are run again', async () => {
    await open();
    await open();
    expect(await tables()).toEqual(TABLES);
    expect(await observer.query('SELECT name FROM workflow_migration')).toEqual(
      SCHEMA_MIGRATIONS.map(({ name }) => ({ name })),
    );
  });

  it('are run once by ten stores at a time', async () => {
    await Promise.all(Array.from({ length: 10 }, () => open()));
    expect(await tables()).toEqual(TABLES);
    await stores[9]!.commit(created('r1'));
  });

  it('are run once by two processes at a time', async () => {
    const script = `
      const store = new TypeOrmStore({ type: 'postgres', url: ${JSON.stringify(url)} });
      await store.open();
      console.log((await store.runs.list({ limit: 1 })).runs.length);
      await store.close();`;
    const processes = [OtherProcess.start(script), OtherProcess.start(script)];
    expect(await Promise.all(processes.map((one) => one.line()))).toEqual(['0', '0']);
    await Promise.all(processes.map((one) => one.kill()));
  });

  it('make what the entities say', async () => {
    const { dataSource } = await open();
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    // TypeORM would count in 32 bits, and so begin the tables with a position anew.
    const others = upQueries.filter(({ query }) => !/"position"|workflow_(inbox|hook)_(pkey|waiting)/.test(query));
    expect(others.map(({ query }) => query)).toEqual([]);
  });

  it('take nothing away, so that processes of the version before go on beside them', async () => {
    for (const sql of SCHEMA_MIGRATIONS.flatMap((migration) => migration.up('postgres'))) {
      expect(sql).not.toMatch(/\b(DROP|RENAME|TRUNCATE|DELETE|SET NOT NULL|TYPE)\b/);
    }
  });

  it('come while older processes write, which notice nothing', async () => {
    const store = await open();
    await store.commit(created('r1'));
    const { driver } = store.dataSource as unknown as {
      driver: { master: PgPool; postgres: { types: PgTypes } };
    };
    const database = new PostgresDatabase(
      driver.master,
      new PreparedStatements(undefined, true),
      driver.postgres.types,
    );
    const later = {
      name: 'later',
      up: () => ['ALTER TABLE workflow_run ADD COLUMN priority integer', 'CREATE TABLE workflow_later (id text)'],
      down: () => [],
    };
    const upgrading = migrate(database, undefined, [...SCHEMA_MIGRATIONS, later]);
    for (let base = 1; base <= 30; base++) {
      expect(await store.commit(committing('r1', base))).toMatchObject({ type: 'committed' });
      expect(await store.runs.get('r1')).toMatchObject({ sequence: base + 1 });
    }
    await upgrading;
    expect(await store.claim({ runId: 'r1', owner: 'A', now: T, until: T + 1 })).toMatchObject({ run: { fence: 2 } });
    expect(await (await open()).runs.get('r1')).toMatchObject({ sequence: 31 });
  });

  it('need no right to change the schema when they have nothing to do', async () => {
    await open();
    const account = await createAccount();
    await observer.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${account.username}`);
    await observer.query(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${account.username}`);
    const store = await open({ url: account.href });
    expect(await store.commit(created('r1'))).toMatchObject({ type: 'committed' });
  });

  it.each([
    ['create them', 'CREATE TABLE nothing ()'],
    [
      'alter them',
      `CREATE TABLE workflow_migration AS SELECT '${SCHEMA_MIGRATIONS[0]!.name}' AS name, 0 AS timestamp;
       CREATE TABLE workflow_hook (); GRANT ALL ON workflow_migration, workflow_hook TO PUBLIC`,
    ],
    ['read them', `CREATE TABLE workflow_migration (name text)`],
  ])('by an account that may not %s say so, and what to grant', async (_, before) => {
    await observer.query(before);
    const account = await createAccount();
    const opening = open({ url: account.href });
    await expect(opening).rejects.toThrow(StoreOpenError);
    await expect(opening).rejects.toThrow(
      /(permission denied for|must be owner of) .* table.* could not be read or upg/,
    );
  });
});

describe('a schema of its own', () => {
  it('is created, and keeps two stores in one database apart', async () => {
    const [one, other] = [await open({ schema: 'Some "flows"' }), await open({ schema: 'others' })];
    await one.commit(created('r1'));
    expect(await other.runs.get('r1')).toBeUndefined();
    expect(await one.dataSource.getRepository(WorkflowRunEntity).countBy({ status: 'running' })).toBe(1);
    expect([await tables('Some "flows"'), await tables('others'), await tables()]).toEqual([TABLES, TABLES, []]);
  });
});

describe('a shared DataSource', () => {
  let dataSource: DataSource;

  beforeEach(() => {
    dataSource = new DataSource({
      type: 'postgres',
      url,
      entities: WORKFLOW_ENTITIES,
      migrations: WORKFLOW_MIGRATIONS,
    });
  });

  afterEach(async () => {
    if (dataSource.isInitialized) await dataSource.destroy();
  });

  it('is opened and closed by the store if nobody has opened it', async () => {
    const store = await open({ dataSource });
    await store.commit(created('r1'));
    await store.close();
    expect(dataSource.isInitialized).toBe(false);
  });

  it('stays open if somebody else has opened it, and serves entities with numbers and JSON', async () => {
    await dataSource.initialize();
    const store = await open({ dataSource });
    await store.commit(created('r1'));
    expect(await dataSource.getRepository(WorkflowRunEntity).findOneByOrFail({ runId: 'r1' })).toMatchObject({
      createdAt: T,
      leaseUntil: T + 15_000,
      tags: ['eu'],
    });
    await store.close();
    expect(dataSource.isInitialized).toBe(true);
  });

  it("may be inside somebody's transaction, which neither sees nor undoes what the store writes", async () => {
    await dataSource.initialize();
    const store = await open({ dataSource });
    const failing = dataSource.transaction(async (manager) => {
      await manager.query('CREATE TABLE mine (id text)');
      await store.commit(created('r1'));
      throw new Error('undo');
    });
    await expect(failing).rejects.toThrow('undo');
    expect(await store.runs.get('r1')).toMatchObject({ sequence: 1 });
  });

  it('may run the migrations itself, and take them back', async () => {
    await dataSource.initialize();
    await dataSource.runMigrations();
    await open({ dataSource });
    expect(await tables()).toEqual(TABLES);
    for (const _ of WORKFLOW_MIGRATIONS) await dataSource.undoLastMigration();
    expect(await tables()).toEqual(['workflow_migration']);
  });
});

it('connections of its own prefer an index to reading a table that is small today', async () => {
  const { dataSource } = await open();
  expect(await dataSource.query('SHOW enable_seqscan')).toEqual([{ enable_seqscan: 'off' }]);
});

describe('options', () => {
  it.each<[string, object]>([
    ['no URL', { url: undefined }],
    ['the URL of something else', { url: 'mysql://root:geheim@localhost/x' }],
    ['a broken URL', { url: 'postgres://user:geheim@host:port/x' }],
    ['no connection', { poolSize: 0 }],
    ['a schema whose name would be cut', { schema: 'x'.repeat(64) }],
    ['an empty schema', { schema: '' }],
    ['a negative patience', { retryForMs: -1 }],
  ])('with %s are refused, without a word of the password', (_, options) => {
    const make = () => Reflect.construct(TypeOrmStore, [{ type: 'postgres', url, ...options }]);
    expect(make).toThrow(InvalidInputError);
    expect(make).not.toThrow('geheim');
  });

  it('with a database that does not exist are refused when the store is opened', async () => {
    const opening = open({ url: `${url}_no` });
    await expect(opening).rejects.toThrow(StoreOpenError);
    await expect(opening).rejects.toThrow('Check the address, the name of the database');
  });
});
