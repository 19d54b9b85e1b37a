/** Injects the registry of prom-client that the metrics are in, to add metrics of your own. */
export const PYWORKFLOW_METRICS_REGISTRY = 'PYWORKFLOW_METRICS_REGISTRY';
/** The options, complete. */
export const PYWORKFLOW_METRICS_OPTIONS = 'PYWORKFLOW_METRICS_OPTIONS';
