/** A deep copy of plain data that nobody can change, without the properties that are undefined. */
export function frozenCopy<T>(value: T): T;
export function frozenCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map((item) => frozenCopy(item)));
  return Object.freeze(Object.fromEntries(definedEntries(value).map(([key, item]) => [key, frozenCopy(item)])));
}

/** `base` with some properties replaced, or removed where the change is undefined. Nothing below is copied. */
export function changed<T extends object>(base: T, changes: Partial<T>): T;
export function changed(base: object, changes: object): object {
  return Object.freeze(Object.fromEntries(definedEntries({ ...base, ...changes })));
}

function definedEntries(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, item]) => item !== undefined);
}
