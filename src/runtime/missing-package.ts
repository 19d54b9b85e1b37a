import { PyWorkflowConfigError } from '../checks/config.error.js';

/**
 * Handles the failed import of an adapter.
 *
 * @param what needs the package: `queue of type 'bullmq'`
 * @param remedy what to do about it
 * @returns throws a PyWorkflowConfigError if a package is not installed, and hands any other error on
 */
export function explainMissingPackage(what: string, remedy: string): (error: unknown) => never {
  return (error) => {
    const missing = /Cannot find (?:package|module) '([^']+)'/.exec(error instanceof Error ? error.message : '')?.[1];
    if (missing === undefined) throw error;
    throw new PyWorkflowConfigError([`${what} needs the package "${missing}", which is not installed. ${remedy}`]);
  };
}
