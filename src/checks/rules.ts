import { type Duration, durationToMs } from '../../libs/core/index.js';
import { show } from './show.js';
import { suggest } from './suggest.js';

/** What a value must be, in words, if it is not that. */
export type Rule = (value: unknown) => string | undefined;
export type Rules = Readonly<Record<string, Rule>>;

const NAME_RULE = 'a text of 1 to 200 printable characters without "#", and without blanks at its ends';
const NAME = /^(?! )[^\p{C}\p{Zl}\p{Zp}#]{1,200}(?<! )$/u;
const KEY = /^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u;

export const aName: Rule = (value) => unless(typeof value === 'string' && NAME.test(value), NAME_RULE);
/** An id or key that a user chooses. */
export const aKey: Rule = (value) =>
  unless(typeof value === 'string' && KEY.test(value), 'a text of 1 to 200 printable characters');
export const aText: Rule = (value) => unless(typeof value === 'string', 'a text');
export const aBoolean: Rule = (value) => unless(typeof value === 'boolean', 'true or false');
export const aDate: Rule = (value) => unless(value instanceof Date && !Number.isNaN(value.getTime()), 'a valid Date');
export const aList: Rule = (value) => unless(Array.isArray(value), 'a list');
export const anObject: Rule = (value) =>
  unless(typeof value === 'object' && value !== null && !Array.isArray(value), 'an object with options');

/** A whole number in a range. */
export function anInteger(least: number, most = Number.MAX_SAFE_INTEGER): Rule {
  const words =
    most === Number.MAX_SAFE_INTEGER ? `a whole number from ${least}` : `a whole number from ${least} to ${most}`;
  return (value) => unless(Number.isInteger(value) && (value as number) >= least && (value as number) <= most, words);
}

export function oneOf(...values: readonly string[]): Rule {
  const words = values.map((value) => `'${value}'`).join(' or ');
  return (value) => unless(values.includes(value as string), words);
}

/** A duration of at least some milliseconds. */
export function aDuration(leastMs = 0): Rule {
  return (value) => {
    try {
      const ms = durationToMs(value as Duration);
      return unless(ms >= leastMs, `a duration of ${leastMs} ms or more`);
    } catch {
      return "a duration such as '30s' or '1h30m'";
    }
  };
}

export const tags: Rule = (value) => {
  const words = 'a list of at most 10 tags, each a text of 1 to 200 printable characters';
  if (!Array.isArray(value) || value.length > 10) return words;
  const bad = value.findIndex((tag) => aKey(tag) !== undefined);
  return bad < 0 ? undefined : `${words}, which ${show(value[bad])} is not`;
};

/** What is wrong with an object of options: unknown fields, fields of the wrong kind. */
export function faultsOf(what: string, options: unknown, rules: Rules): string[] {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return [`${what} must be an object with options; it is ${show(options)}.`];
  }
  const faults: string[] = [];
  for (const field of fieldsOf(options)) {
    const rule = Object.hasOwn(rules, field) ? rules[field] : undefined;
    if (!rule) {
      faults.push(`${what}: there is no option ${show(field)}.${suggest(field, Object.keys(rules))}`);
      continue;
    }
    const fault = faultOf(options, field, rule);
    if (fault !== undefined) faults.push(`${what}: ${fault}`);
  }
  return faults;
}

function faultOf(options: object, field: string, rule: Rule): string | undefined {
  try {
    const value: unknown = Reflect.get(options, field);
    const wanted = value === undefined ? undefined : rule(value);
    return wanted === undefined ? undefined : `${field} must be ${wanted}; it is ${show(value)}.`;
  } catch {
    return `${field} cannot be read.`;
  }
}

function fieldsOf(options: object): readonly string[] {
  try {
    return Object.keys(options);
  } catch {
    return [];
  }
}

function unless(holds: boolean, words: string): string | undefined {
  return holds ? undefined : words;
}
