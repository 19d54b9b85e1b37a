import { caller, type Duration, type Hook, InvalidInputError } from '../../libs/core/index.js';
import { createDefinedHook } from '../../libs/runtime/index.js';
import { aDuration, aText, faultsOf, type Rule, type Rules } from '../checks/rules.js';
import type { DtoClass } from '../validation/dto.js';
import type { HookDefinitionOptions } from './hook-definition.options.js';

/** What `create()` of a defined hook takes. */
export interface DefinedHookOptions {
  /** A token of your choice, unique among live hooks. @default a secret one that cannot be guessed */
  readonly token?: string;
  /** @default that of the definition */
  readonly timeout?: Duration;
}

const CREATE_RULES: Rules = { token: aText, timeout: aDuration() } satisfies Record<keyof DefinedHookOptions, Rule>;

/** A kind of hook: its name, and what can be delivered to it. Made by `defineHook`. */
export class HookDefinition<T> {
  /** @internal */
  constructor(
    readonly name: string,
    /** @internal */
    readonly dto: DtoClass | null,
    /** @internal */
    readonly options: HookDefinitionOptions,
    /** @internal Where it was defined. */
    readonly location: string,
  ) {}

  /** Opens such a hook, in workflow code: await it, and give its `url` or its `token` to whoever is to answer. */
  create(options: DefinedHookOptions = {}): Hook<T> {
    const faults = faultsOf(`create() of hook "${this.name}"`, options, CREATE_RULES);
    if (faults.length > 0) throw new InvalidInputError(faults.join(' '));
    const { timeout = this.options.timeout, token } = options;
    return createDefinedHook<T>({ name: this.name, token, timeout, multiple: this.options.multiple });
  }
}

/** What a definition says, whatever it is of. */
export type HookFacts = Omit<HookDefinition<unknown>, 'create'>;

const defined = new Map<string, HookFacts>();
/** All that were defined in this process, by name and place. */
export const definedHooks: ReadonlyMap<string, HookFacts> = defined;

/**
 * Defines a kind of hook, at the top level of a file: what is delivered to hooks of this name, by HTTP or by
 * `client.resumeHook`, is validated first; what is not valid is refused, and the hook stays open.
 *
 * @example
 * ```ts
 * export const approvalHook = defineHook('approval', ApprovalDto, { timeout: '7d' });
 * const answer = await approvalHook.create(); // in workflow code
 * ```
 * @param name is the hook's name in histories, unique in the application
 * @param dto a class with class-validator decorators
 * @publicApi
 */
export function defineHook<T extends object>(
  name: string,
  dto: DtoClass<T>,
  options?: HookDefinitionOptions<T>,
): HookDefinition<T>;
export function defineHook<T = unknown>(name: string, options?: HookDefinitionOptions<T>): HookDefinition<T>;
export function defineHook(name: string, ...rest: readonly unknown[]): HookDefinition<unknown> {
  const [dto, options] = classAndOptions(rest);
  const frame = caller();
  const location = /\((.*)\)$/.exec(frame)?.[1] ?? frame;
  const definition = new HookDefinition(name, dto as DtoClass | null, options as HookDefinitionOptions, location);
  // A file that is loaded again, as in development, replaces what it has defined.
  defined.set(`${String(name)} ${location}`, definition);
  return definition;
}

/** A class that is left out is null; one that is undefined was meant to be there. */
function classAndOptions(rest: readonly unknown[]): readonly [unknown, unknown] {
  const [first, second = {}] = rest;
  if (rest.length === 0) return [null, {}];
  return rest.length === 1 && typeof first === 'object' ? [null, first] : [first, second];
}
