/** The options of the process, complete and checked. */
export const PYWORKFLOW_RESOLVED_OPTIONS = 'PYWORKFLOW_RESOLVED_OPTIONS';
export const PYWORKFLOW_CODEC = 'PYWORKFLOW_CODEC';
export const PYWORKFLOW_LOGGER = 'PYWORKFLOW_LOGGER';
