import { CREATE_MIGRATION_TABLE, LIST_MIGRATIONS, type SchemaMigration } from '../migrations/schema-migration.js';
import { noteMigration, SCHEMA_MIGRATIONS } from '../migrations/workflow-migrations.js';
import type { PostgresDatabase } from './postgres-database.js';
import { quoted } from './prepared-statements.js';

type Query = PostgresDatabase['query'];

/** A number that nobody else is likely to lock; the second one is the schema's. */
const LOCK = `SELECT pg_advisory_xact_lock(1348556361, hashtext($1))`;

const FIND_TABLE = `SELECT to_regclass($1) IS NOT NULL AS is_there`;
const FIND_SCHEMA = 'SELECT 1 FROM pg_namespace WHERE nspname = $1';

/**
 * Brings the schema up to date, whichever of several processes comes first. An account that may not change the schema
 * needs no right to as long as there is nothing to do.
 */
export async function migrate(
  database: PostgresDatabase,
  schema: string | undefined,
  migrations: readonly SchemaMigration[] = SCHEMA_MIGRATIONS,
): Promise<void> {
  const query: Query = (sql, values) => database.query(sql, values);
  if ((await missing(query, schema, migrations)).length === 0) return;
  await database.transaction(async (inTransaction) => {
    await inTransaction(LOCK, [schema ?? '']);
    await createSchema(inTransaction, schema);
    await inTransaction(CREATE_MIGRATION_TABLE);
    for (const migration of await missing(inTransaction, schema, migrations)) {
      for (const sql of migration.up('postgres')) await inTransaction(sql);
      await inTransaction(noteMigration(migration));
    }
  });
}

async function missing(
  query: Query,
  schema: string | undefined,
  migrations: readonly SchemaMigration[],
): Promise<readonly SchemaMigration[]> {
  const table = schema === undefined ? 'workflow_migration' : `${quoted(schema)}.workflow_migration`;
  const [found] = await query<{ is_there: boolean }>(FIND_TABLE, [table]);
  if (!found?.is_there) return migrations;
  const applied = new Set((await query<{ name: string }>(LIST_MIGRATIONS)).map(({ name }) => name));
  return migrations.filter(({ name }) => !applied.has(name));
}

async function createSchema(query: Query, schema: string | undefined): Promise<void> {
  if (schema === undefined || (await query(FIND_SCHEMA, [schema])).length > 0) return;
  await query(`CREATE SCHEMA ${quoted(schema)}`);
}
