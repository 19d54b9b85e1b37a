import { Injectable } from '@nestjs/common';
import type { HookRecord } from '../../libs/core/index.js';
import { HookNotDefinedError } from '../../libs/runtime/index.js';
import { isStackOverflow } from '../../libs/serialization/index.js';
import { PyWorkflowConfigError } from '../checks/config.error.js';
import type { ArgumentChecks } from '../validation/argument-checks.js';
import { Declarations } from '../validation/declarations.js';
import { ValidationFailedError } from '../validation/validation-failed.error.js';
import { definedHooks } from './hook-definition.js';
import type { HookDefinitionOptions } from './hook-definition.options.js';
import { hookFaults } from './hook-faults.js';

/** A definition whose class is known. */
export interface KnownHook {
  readonly options: HookDefinitionOptions;
  /** @returns what the run receives: an instance of the class, if there is one. @throws ValidationFailedError */
  accept(payload: unknown): Promise<unknown>;
}

/** The hooks that are defined in this process, by their names. */
@Injectable()
export class HookCatalog {
  private readonly declarations = new Declarations();
  private known: ReadonlyMap<string, KnownHook> = new Map();
  private exploredHooks = 0;

  /** No hook is defined in this process, in whatever module. */
  get isEmpty(): boolean {
    return definedHooks.size === 0;
  }

  /** What is wrong with the definitions. */
  async explore(): Promise<readonly string[]> {
    const definitions = [...definedHooks.values()];
    const faults = [...hookFaults(definitions)];
    const known = new Map<string, KnownHook>();
    for (const definition of definitions) {
      const { name, dto, options } = definition;
      const isClass = typeof dto === 'function';
      const checks = isClass ? await this.declarations.readPayload(`hook "${name}"`, dto, faults) : undefined;
      known.set(name, { options, accept: (payload) => accept(name, checks, payload) });
    }
    if (faults.length > 0) return faults;
    this.known = known;
    this.exploredHooks = definitions.length;
    return [];
  }

  /**
   * The definition of a hook, also one that was made since the application started, in a module that was loaded later.
   *
   * @throws HookNotDefinedError if the hook has a definition in the process that opened it, and none here
   */
  async find({ runId, id, defined }: HookRecord): Promise<KnownHook | undefined> {
    await this.exploreAgain();
    const known = this.known.get(id.slice(0, id.lastIndexOf('#')));
    if (!known && defined) throw new HookNotDefinedError(runId, id);
    return known;
  }

  private async exploreAgain(): Promise<void> {
    if (definedHooks.size === this.exploredHooks) return;
    const faults = await this.explore();
    if (faults.length > 0) throw new PyWorkflowConfigError(faults);
  }
}

async function accept(name: string, checks: ArgumentChecks | undefined, payload: unknown): Promise<unknown> {
  if (!checks) return payload;
  try {
    await checks.check([payload]);
    return checks.revive([payload])[0];
  } catch (error) {
    if (!isStackOverflow(error)) throw error;
    throw new ValidationFailedError(`hook "${name}"`, ['it is nested too deeply'], 'payload');
  }
}
