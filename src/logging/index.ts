export type { LogLevel, WorkflowLoggingOptions } from './logging.options.js';
export { WorkflowLogger } from './workflow-logger.js';
export { workflowLogging } from './workflow-logging.js';
