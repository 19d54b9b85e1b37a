export type { StoreStatistics } from './backend.js';
export { WORKFLOW_ENTITIES } from './entities/entities.js';
export { WorkflowEventEntity } from './entities/workflow-event.entity.js';
export { WorkflowHeartbeatEntity } from './entities/workflow-heartbeat.entity.js';
export { WorkflowProcessEntity } from './entities/workflow-process.entity.js';
export { WorkflowHookEntity } from './entities/workflow-hook.entity.js';
export { WorkflowInboxEntity } from './entities/workflow-inbox.entity.js';
export { WorkflowRunTagEntity } from './entities/workflow-run-tag.entity.js';
export { WorkflowRunEntity } from './entities/workflow-run.entity.js';
export { DriverMissingError, StoreBusyError } from './errors.js';
export { WORKFLOW_MIGRATIONS } from './migrations/workflow-migrations.js';
export { safeLibsql } from './safe-libsql.js';
export type {
  PostgresStoreOptions,
  SharedStoreOptions,
  SqliteStoreOptions,
  TypeOrmStoreOptions,
} from './typeorm.options.js';
export { TypeOrmStore } from './typeorm.store.js';
