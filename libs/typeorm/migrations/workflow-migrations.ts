import type { MigrationInterface, QueryRunner } from 'typeorm';
import { DEFINED_HOOKS } from './defined-hooks.js';
import { INITIAL_SCHEMA } from './initial-schema.js';
import { inSchema } from '../postgres/prepared-statements.js';
import { CREATE_MIGRATION_TABLE, type Dialect, LIST_MIGRATIONS, type SchemaMigration } from './schema-migration.js';

/** All changes of the schema, in order. */
export const SCHEMA_MIGRATIONS: readonly SchemaMigration[] = [INITIAL_SCHEMA, DEFINED_HOOKS];

/** A statement that notes a migration as run. Their names are ours, and need no quoting. */
export function noteMigration({ name }: SchemaMigration): string {
  return `INSERT INTO workflow_migration (name) VALUES ('${name}')`;
}

/**
 * A migration of the store, for the `migrations` of a DataSource of your own.
 *
 * The store runs its migrations itself when it opens. List them only if the account it uses may not change the
 * schema; what TypeORM has run, the store does not run again.
 */
abstract class WorkflowMigration implements MigrationInterface {
  abstract readonly name: string;
  protected abstract readonly migration: SchemaMigration;

  async up(queryRunner: QueryRunner): Promise<void> {
    await run(queryRunner, CREATE_MIGRATION_TABLE);
    const applied = (await run(queryRunner, LIST_MIGRATIONS)) as readonly { name: string }[];
    if (applied.some(({ name }) => name === this.migration.name)) return;
    for (const sql of this.migration.up(dialectOf(queryRunner))) await run(queryRunner, sql);
    await run(queryRunner, noteMigration(this.migration));
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const sql of this.migration.down(dialectOf(queryRunner))) await run(queryRunner, sql);
    await run(queryRunner, `DELETE FROM workflow_migration WHERE name = '${this.migration.name}'`);
  }
}

// TypeORM orders them by the time at the end of their names.
class InitialWorkflowSchema1764000000000 extends WorkflowMigration {
  override readonly name = 'InitialWorkflowSchema1764000000000';
  protected override readonly migration = INITIAL_SCHEMA;
}

class DefinedHooks1764201600000 extends WorkflowMigration {
  override readonly name = 'DefinedHooks1764201600000';
  protected override readonly migration = DEFINED_HOOKS;
}

/** To put into the `migrations` of a DataSource of your own. */
export const WORKFLOW_MIGRATIONS = [InitialWorkflowSchema1764000000000, DefinedHooks1764201600000];

function run(queryRunner: QueryRunner, sql: string): Promise<unknown> {
  const { options } = queryRunner.dataSource;
  return queryRunner.query(inSchema(sql, options.type === 'postgres' ? options.schema : undefined));
}

function dialectOf({ dataSource }: QueryRunner): Dialect {
  return dataSource.options.type === 'postgres' ? 'postgres' : 'sqlite';
}
