import type { SchemaMigration } from './schema-migration.js';

/** Which hooks have a definition. Older processes leave it empty, which means none. */
export const DEFINED_HOOKS: SchemaMigration = {
  name: 'defined-hooks',
  up: () => ['ALTER TABLE workflow_hook ADD COLUMN defined boolean'],
  down: () => ['ALTER TABLE workflow_hook DROP COLUMN defined'],
};
