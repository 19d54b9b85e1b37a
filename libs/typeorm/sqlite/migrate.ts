import { CREATE_MIGRATION_TABLE, LIST_MIGRATIONS } from '../migrations/schema-migration.js';
import { noteMigration, SCHEMA_MIGRATIONS } from '../migrations/workflow-migrations.js';
import type { Statements } from './statements.js';

/** Brings the schema up to date. Run inside a transaction. */
export function migrate(statements: Statements): void {
  statements.run(CREATE_MIGRATION_TABLE);
  const applied = new Set(statements.all<{ name: string }>(LIST_MIGRATIONS).map(({ name }) => name));
  for (const migration of SCHEMA_MIGRATIONS) {
    if (applied.has(migration.name)) continue;
    for (const sql of migration.up('sqlite')) statements.run(sql);
    statements.run(noteMigration(migration));
  }
}
