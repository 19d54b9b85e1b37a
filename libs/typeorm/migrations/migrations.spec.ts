import { DataSource } from 'typeorm';
import { WORKFLOW_ENTITIES } from '../entities/entities.js';
import { SafeLibsql } from '../sqlite.spec-helpers.js';
import { TypeOrmStore } from '../typeorm.store.js';
import { INITIAL_SCHEMA } from './initial-schema.js';
import { CREATE_MIGRATION_TABLE } from './schema-migration.js';
import { noteMigration, SCHEMA_MIGRATIONS, WORKFLOW_MIGRATIONS } from './workflow-migrations.js';

let dataSource: DataSource;

beforeEach(async () => {
  dataSource = new DataSource({
    type: 'better-sqlite3',
    driver: SafeLibsql,
    database: ':memory:',
    entities: WORKFLOW_ENTITIES,
    migrations: WORKFLOW_MIGRATIONS,
  });
  await dataSource.initialize();
});

afterEach(() => dataSource.destroy());

async function openAndClose(): Promise<void> {
  const store = new TypeOrmStore({ dataSource });
  await store.open();
  await store.close();
}

const tables = async (): Promise<string[]> =>
  (
    await dataSource.query(`SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'workflow%' ORDER BY 1`)
  ).map(({ name }: { name: string }) => name);

const TABLES = ['event', 'heartbeat', 'hook', 'inbox', 'migration', 'process', 'run', 'run_tag'].map(
  (name) => `workflow_${name}`,
);

it('the store brings a fresh database up to date when it opens', async () => {
  await openAndClose();
  expect(await tables()).toEqual(TABLES);
});

it('the schema is what the entities say', async () => {
  await openAndClose();
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
  expect(upQueries.map(({ query }) => query)).toEqual([]);
});

it('opening it again changes nothing', async () => {
  await openAndClose();
  await openAndClose();
  expect(await dataSource.query('SELECT * FROM workflow_migration')).toEqual(
    SCHEMA_MIGRATIONS.map(({ name }) => ({ name })),
  );
});

it('what TypeORM has run is not run again by the store', async () => {
  await dataSource.runMigrations();
  await openAndClose();
  expect(await tables()).toEqual(TABLES);
});

it('what the store has run is not run again by TypeORM', async () => {
  await openAndClose();
  await dataSource.runMigrations();
  expect(await dataSource.query('SELECT * FROM workflow_migration')).toHaveLength(SCHEMA_MIGRATIONS.length);
});

it('a database of the first release is brought up to date, and takes what processes of that release write', async () => {
  const run = (sql: string): Promise<unknown> => dataSource.query(sql);
  await run(CREATE_MIGRATION_TABLE);
  for (const sql of INITIAL_SCHEMA.up('sqlite')) await run(sql);
  await run(noteMigration(INITIAL_SCHEMA));
  const open = (id: string): Promise<unknown> =>
    run(
      `INSERT INTO workflow_hook (run_id, id, token, status, multiple, created_at) VALUES ('r', '${id}', '${id}', 'open', 0, 1)`,
    );
  await open('before#1');
  const store = new TypeOrmStore({ dataSource });
  await store.open();
  await open('after#1');
  const record = { runId: 'r', status: 'open', multiple: false, createdAt: 1 };
  expect(await store.hooks.list('r')).toEqual(['before#1', 'after#1'].map((id) => ({ ...record, id, token: id })));
  await store.close();
});

it('can be taken back', async () => {
  await dataSource.runMigrations();
  for (const _ of WORKFLOW_MIGRATIONS) await dataSource.undoLastMigration();
  expect(await tables()).toEqual(['workflow_migration']);
  await dataSource.runMigrations();
  expect(await tables()).toEqual(TABLES);
});
