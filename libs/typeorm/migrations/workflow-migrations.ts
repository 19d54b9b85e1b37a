import type { MigrationInterface, QueryRunner } from 'typeorm';
import { INITIAL_SCHEMA } from './initial-schema.js';
import { inSchema } from '../postgres/prepared-statements.js';
import { CREATE_MIGRATION_TABLE, type Dialect, LIST_MIGRATIONS, type SchemaMigration } from './schema-migration.js';

/** All changes of the schema, in order. */
export const SCHEMA_MIGRATIONS: readonly SchemaMigration[] = [INITIAL_SCHEMA];

/** A statement that notes a migration as run. Their names are ours, and need no quoting. */
export function noteMigration({ name }: SchemaMigration): string {
  return `INSERT INTO workflow_migration (name) VALUES ('${name}')`;
}

/**
 * The store's first migration, for the `migrations` of a DataSource of your own.
 *
 * The store runs its migrations itself when it opens. List them only if the account it uses may not change the
 * schema; what TypeORM has run, the store does not run again.
 */
class InitialWorkflowSchema1764000000000 implements MigrationInterface {
  readonly name = 'InitialWorkflowSchema1764000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await run(queryRunner, CREATE_MIGRATION_TABLE);
    const applied = (await run(queryRunner, LIST_MIGRATIONS)) as readonly { name: string }[];
    if (applied.some(({ name }) => name === INITIAL_SCHEMA.name)) return;
    for (const sql of INITIAL_SCHEMA.up(dialectOf(queryRunner))) await run(queryRunner, sql);
    await run(queryRunner, noteMigration(INITIAL_SCHEMA));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const sql of INITIAL_SCHEMA.down(dialectOf(queryRunner))) await run(queryRunner, sql);
    await run(queryRunner, `DELETE FROM workflow_migration WHERE name = '${INITIAL_SCHEMA.name}'`);
  }
}

/** To put into the `migrations` of a DataSource of your own. */
export const WORKFLOW_MIGRATIONS = [InitialWorkflowSchema1764000000000];

function run(queryRunner: QueryRunner, sql: string): Promise<unknown> {
  const { options } = queryRunner.dataSource;
  return queryRunner.query(inSchema(sql, options.type === 'postgres' ? options.schema : undefined));
}

function dialectOf({ dataSource }: QueryRunner): Dialect {
  return dataSource.options.type === 'postgres' ? 'postgres' : 'sqlite';
}
