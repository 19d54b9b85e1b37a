/** The family of databases that a statement is written for. */
export type Dialect = 'sqlite' | 'postgres';

/**
 * One change of the schema, as statements: so that SQLite can run it without a pause, in one transaction, on a
 * connection that it shares, and PostgreSQL through its own.
 *
 * Once released it is never changed: what it got wrong is mended by the next one.
 */
export interface SchemaMigration {
  readonly name: string;
  up(dialect: Dialect): readonly string[];
  down(dialect: Dialect): readonly string[];
}

/** Where the names of the migrations stand that were run. */
export const CREATE_MIGRATION_TABLE = 'CREATE TABLE IF NOT EXISTS workflow_migration (name text PRIMARY KEY NOT NULL)';
export const LIST_MIGRATIONS = 'SELECT name FROM workflow_migration';
