import { Injectable } from '@nestjs/common';
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
   * @param hookId its name and occurrence, such as `approval#1`
   */
  async find(hookId: string): Promise<KnownHook | undefined> {
    await this.exploreAgain();
    return this.known.get(hookId.slice(0, hookId.lastIndexOf('#')));
  }

  /** Whether no hook is defined, so that there is nothing to find. */
  get isEmpty(): boolean {
    return definedHooks.size === 0;
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
