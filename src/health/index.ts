export { PyWorkflowHealthIndicator } from './health.indicator.js';
export type { PingOptions, PyWorkflowHealthOptions } from './health.options.js';
