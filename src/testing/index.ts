// testing workflows
export type { WorkflowTestingMetadata } from './metadata.js';
export { WorkflowTestingModule, WorkflowTestingModuleBuilder } from './workflow-testing.module.js';
export { TestClock } from './test-clock.js';
export { RunStuckError } from './stuck.error.js';

// testing adapters
export {
  describeNotifierContract,
  describeQueueContract,
  describeStoreContract,
  type NotifierChannelFixture,
  type NotifierFixture,
  type QueueFixture,
  type StoreFixture,
} from '../../libs/testing/index.js';
