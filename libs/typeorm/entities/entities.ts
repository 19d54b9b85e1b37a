import { WorkflowEventEntity } from './workflow-event.entity.js';
import { WorkflowHeartbeatEntity } from './workflow-heartbeat.entity.js';
import { WorkflowHookEntity } from './workflow-hook.entity.js';
import { WorkflowInboxEntity } from './workflow-inbox.entity.js';
import { WorkflowProcessEntity } from './workflow-process.entity.js';
import { WorkflowRunTagEntity } from './workflow-run-tag.entity.js';
import { WorkflowRunEntity } from './workflow-run.entity.js';

/** All tables of the store, to put into the `entities` of a DataSource of your own. */
export const WORKFLOW_ENTITIES = [
  WorkflowRunEntity,
  WorkflowRunTagEntity,
  WorkflowEventEntity,
  WorkflowInboxEntity,
  WorkflowHookEntity,
  WorkflowHeartbeatEntity,
  WorkflowProcessEntity,
];
