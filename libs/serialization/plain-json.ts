import { MAX_DEPTH } from './limits.js';

// Below this many characters a JSON text has no room for more than MAX_DEPTH brackets and their closers.
const SHALLOW_LENGTH = 2 * MAX_DEPTH;

/**
 * True if `JSON.stringify` and `JSON.parse` give back exactly this value, so that it can be stored as readable JSON.
 *
 * This is the hot path of the codec: one walk, no copy. An object met twice (shared or part of a cycle) is not plain,
 * since JSON would turn it into two.
 */
export function isPlainJson(value: unknown): boolean {
  return typeof value === 'object' && value !== null
    ? isPlainObject(value, new SeenObjects(), 0)
    : isPlainPrimitive(value);
}

/**
 * Reads JSON text.
 *
 * @throws Error if the text is malformed, nested too deep, or has a `__proto__` key. `JSON.parse` itself makes that an
 *   ordinary field, but the next `Object.assign` over the result would set a prototype with it.
 */
export function parsePlainJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const isSuspect = text.length > SHALLOW_LENGTH || text.includes('__proto__') || text.includes('\\u00');
  if (isSuspect && typeof value === 'object' && value !== null) assertHarmless(value, 1);
  return value;
}

function isPlainPrimitive(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    default:
      return value === null;
  }
}

function isPlainObject(value: object, seen: SeenObjects, depth: number): boolean {
  if (depth >= MAX_DEPTH || !seen.add(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (Array.isArray(value)) {
    if (prototype !== Array.prototype) return false;
    for (let index = 0; index < value.length; index++) {
      if (!isPlainPart(value[index], seen, depth)) return false; // a hole reads as undefined, which is not plain
    }
    return true;
  }
  if (prototype !== Object.prototype) return false;
  // for-in costs a third less than Object.keys here; a key inherited from a polluted
  // Object.prototype can at worst send the value down the slower path.
  for (const key in value) {
    if (key === '__proto__' || !isPlainPart(value[key as keyof typeof value], seen, depth)) return false;
  }
  return true;
}

function isPlainPart(value: unknown, seen: SeenObjects, depth: number): boolean {
  return typeof value === 'object' && value !== null ? isPlainObject(value, seen, depth + 1) : isPlainPrimitive(value);
}

function assertHarmless(value: object, depth: number): void {
  if (depth > MAX_DEPTH) throw new Error(`it is nested more than ${MAX_DEPTH} levels deep`);
  if (!Array.isArray(value) && Object.hasOwn(value, '__proto__')) throw new Error('it has a __proto__ key');
  for (const part of Object.values(value)) {
    if (typeof part === 'object' && part !== null) assertHarmless(part, depth + 1);
  }
}

/** The objects of one walk. Most values hold a handful, for which a short list is faster than a Set. */
class SeenObjects {
  private static readonly LIST_LENGTH = 16;
  private readonly list: object[] = [];
  private set: Set<object> | undefined;

  /** False if the object was added before. */
  add(value: object): boolean {
    if (this.set) return this.set.size !== this.set.add(value).size;
    if (this.list.includes(value)) return false;
    if (this.list.push(value) === SeenObjects.LIST_LENGTH) this.set = new Set(this.list);
    return true;
  }
}
