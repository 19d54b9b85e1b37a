import { UnknownNameError } from '../../libs/runtime/index.js';
import { show } from '../checks/show.js';
import { suggest } from '../checks/suggest.js';
import type { ArgumentChecks } from '../validation/argument-checks.js';

/** A workflow that this process knows. */
export interface CatalogEntry {
  readonly name: string;
  readonly version: number;
  readonly description?: string;
  /** Checks what runs are started with. */
  readonly checks?: ArgumentChecks;
}

/** The workflows of this process, by the classes and methods that they are written as, and by name. */
export class WorkflowCatalog {
  private readonly byName = new Map<string, CatalogEntry[]>();
  private readonly byClass = new Map<object, CatalogEntry>();
  private readonly byMethod = new Map<object, Map<string | symbol, CatalogEntry>>();

  clear(): void {
    this.byName.clear();
    this.byClass.clear();
    this.byMethod.clear();
  }

  add(entry: CatalogEntry): void {
    const versions = [...(this.byName.get(entry.name) ?? []), entry];
    this.byName.set(
      entry.name,
      versions.sort((a, b) => b.version - a.version),
    );
  }

  addClass(type: object, entry: CatalogEntry): void {
    this.byClass.set(type, entry);
  }

  addMethod(type: object, method: string | symbol, entry: CatalogEntry): void {
    const methods = this.byMethod.get(type) ?? new Map<string | symbol, CatalogEntry>();
    this.byMethod.set(type, methods.set(method, entry));
  }

  get entries(): readonly CatalogEntry[] {
    return [...this.byName.values()].flat();
  }

  /** @throws UnknownNameError saying what there is */
  findClass(type: Function): CatalogEntry {
    const entry = this.byClass.get(type);
    if (entry) return entry;
    throw new UnknownNameError(
      `${type.name || 'This class'} is not a workflow of this application. Decorate it with @Workflow() and add it to the providers of a module.`,
    );
  }

  /** @throws UnknownNameError saying what there is */
  findMethod(type: Function, method: string | symbol): CatalogEntry {
    const methods = this.byMethod.get(type);
    const entry = methods?.get(method);
    if (entry) return entry;
    const hint = methods ? suggest(String(method), [...methods.keys()].map(String)) : '';
    throw new UnknownNameError(
      `${type.name}.${String(method)} is not a workflow of this application. Decorate the method with @Workflow() and add its class to the providers of a module.${hint}`,
    );
  }

  /** A version of a workflow; the highest if none is asked for. @throws UnknownNameError saying what there is */
  findName(name: string, version?: number): CatalogEntry {
    const versions = this.byName.get(name);
    if (!versions) {
      throw new UnknownNameError(
        `There is no workflow ${show(name)} in this application. Add its class to the providers of a module.${suggest(name, this.byName.keys())}`,
      );
    }
    const entry = version === undefined ? versions[0] : versions.find((it) => it.version === version);
    if (entry) return entry;
    const known = versions.map((it) => it.version).join(', ');
    throw new UnknownNameError(
      `There is no version ${version} of workflow "${name}" in this application. It has: ${known}.`,
    );
  }
}
