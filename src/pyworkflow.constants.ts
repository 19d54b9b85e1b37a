/** The options of the process, complete and checked. */
export const PYWORKFLOW_RESOLVED_OPTIONS = 'PYWORKFLOW_RESOLVED_OPTIONS';
export const PYWORKFLOW_CODEC = 'PYWORKFLOW_CODEC';
export const PYWORKFLOW_LOGGER = 'PYWORKFLOW_LOGGER';
/** What was given as `webhooks`; null if nothing was. */
export const PYWORKFLOW_WEBHOOKS = 'PYWORKFLOW_WEBHOOKS';
/** The queue of the steps that this process runs for its own runs. */
export const PYWORKFLOW_LOCAL_QUEUE = 'PYWORKFLOW_LOCAL_QUEUE';
