import { InvalidInputError } from '../../libs/core/index.js';
import { aName } from '../checks/rules.js';
import { show } from '../checks/show.js';
import type { CatalogEntry, WorkflowCatalog } from '../discovery/workflow.catalog.js';

/** The workflow that is asked for: a class, `[Class, 'method']` or a name. @throws UnknownNameError, InvalidInputError */
export function findEntry(catalog: WorkflowCatalog, workflow: unknown, version: number | undefined): CatalogEntry {
  const entry = find(catalog, workflow, version);
  return version === undefined || entry.version === version ? entry : catalog.findName(entry.name, version);
}

function find(catalog: WorkflowCatalog, workflow: unknown, version: number | undefined): CatalogEntry {
  if (typeof workflow === 'function') return catalog.findClass(workflow);
  if (typeof workflow === 'string' && aName(workflow) === undefined) return catalog.findName(workflow, version);
  if (Array.isArray(workflow) && workflow.length === 2) {
    const [type, method] = workflow as readonly unknown[];
    if (typeof type === 'function' && (typeof method === 'string' || typeof method === 'symbol')) {
      return catalog.findMethod(type, method);
    }
  }
  throw new InvalidInputError(
    `start() takes the class of a workflow, [Provider, 'method'] or a name; this is ${show(workflow)}.`,
  );
}
