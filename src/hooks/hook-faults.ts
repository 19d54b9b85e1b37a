import { aBoolean, aDuration, aName, faultsOf, type Rule, type Rules } from '../checks/rules.js';
import { show } from '../checks/show.js';
import { responseFaults } from '../webhooks/webhook-response.js';
import type { HookFacts } from './hook-definition.js';
import type { HookDefinitionOptions } from './hook-definition.options.js';

const aVerifier: Rule = (value) => {
  const verify: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'verify') : value;
  return typeof verify === 'function' ? undefined : 'a signature such as githubSignature({ secret }), or a function';
};
const aDeliveryId: Rule = (value) =>
  typeof value === 'function' || (typeof value === 'string' && /^[\w-]{1,100}$/.test(value))
    ? undefined
    : 'the name of a header, or a function';

const RULES: Rules = {
  timeout: aDuration(1),
  multiple: aBoolean,
  verify: aVerifier,
  deliveryId: aDeliveryId,
  response: () => undefined,
} satisfies Record<keyof HookDefinitionOptions, Rule>;

/** What is wrong with definitions of hooks, their classes left out. */
export function hookFaults(definitions: readonly HookFacts[]): readonly string[] {
  return [...definitions.flatMap(faultsOfOne), ...duplicateFaults(definitions)];
}

function faultsOfOne({ name, dto, options, location }: HookFacts): readonly string[] {
  const wanted = aName(name);
  if (wanted !== undefined) return [`The name of a hook must be ${wanted}; it is ${show(name)} (${location}).`];
  const what = `hook "${name}"`;
  const faults = faultsOf(what, options, RULES);
  if (dto === undefined) {
    faults.push(
      `The class of ${what} is undefined where the hook is defined, at ${location}: two files import each other. Give the class a file of its own.`,
    );
  } else if (dto !== null && typeof dto !== 'function') {
    faults.push(`${what} must be defined with a class; it is ${show(dto)}.`);
  }
  if (typeof options !== 'object' || options === null) return faults;
  const { verify, response } = options;
  const ofVerifier = typeof verify === 'object' && verify !== null ? (verify.faults ?? []) : [];
  faults.push(...ofVerifier.map((fault) => `${what}: ${fault}`));
  if (response !== undefined && typeof response !== 'function')
    faults.push(...responseFaults(`The response of ${what}`, response));
  return faults;
}

function duplicateFaults(definitions: readonly HookFacts[]): readonly string[] {
  const locations = new Map<string, string[]>();
  for (const { name, location } of definitions) locations.set(name, [...(locations.get(name) ?? []), location]);
  return [...locations]
    .filter(([, places]) => places.length > 1)
    .map(
      ([name, places]) =>
        `Hooks named ${show(name)} are defined ${places.length} times, at ${places.join(' and at ')}. Give each a name of its own: defineHook(name).`,
    );
}
