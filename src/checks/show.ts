import { types } from 'node:util';

const LONGEST = 60;

/** A value in a few words, for messages: never long, never throws, never runs code of the value. */
export function show(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}...` : value);
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  if (typeof value === 'function') return value.name ? `the function ${value.name}`.slice(0, LONGEST) : 'a function';
  if (typeof value === 'object') return types.isProxy(value) ? 'an object' : showObject(value);
  return `a ${typeof value}`;
}

function showObject(value: object): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (types.isDate(value)) return Number.isNaN(value.getTime()) ? 'an invalid Date' : `the Date ${value.toISOString()}`;
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null || prototype === Object.prototype) return 'an object';
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'constructor');
  const name = typeof descriptor?.value === 'function' ? (descriptor.value as { name: unknown }).name : undefined;
  return typeof name === 'string' && name !== '' ? `an instance of ${name.slice(0, LONGEST)}` : 'an object';
}
