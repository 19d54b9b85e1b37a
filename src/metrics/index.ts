export { PYWORKFLOW_METRICS_REGISTRY } from './metrics.constants.js';
export { PyWorkflowMetricsModule } from './metrics.module.js';
export type { MetricsRegistry, PyWorkflowMetricsOptions } from './metrics.options.js';
