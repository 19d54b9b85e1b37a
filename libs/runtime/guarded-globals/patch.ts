/** A property that is replaced for a while. */
export interface Patch {
  readonly target: object;
  readonly name: string;
  /** Makes what takes the place of the original. */
  readonly replace: (original: never) => unknown;
}

/**
 * Puts a replacement in the place of a property.
 *
 * @returns a function that puts the original back, unless somebody else has replaced it meanwhile
 */
export function apply({ target, name, replace }: Patch): () => void {
  const own = Object.getOwnPropertyDescriptor(target, name);
  const original: unknown = Reflect.get(target, name);
  if (typeof original !== 'function' || own?.configurable === false) return () => {};
  const replacement = replace(original as never);
  const { enumerable = false } = own ?? {};
  Object.defineProperty(target, name, { value: replacement, enumerable, configurable: true, writable: true });
  return () => {
    if (Object.getOwnPropertyDescriptor(target, name)?.value !== replacement) return;
    if (own) Object.defineProperty(target, name, own);
    else Reflect.deleteProperty(target, name);
  };
}

export type Callable = (this: unknown, ...args: readonly unknown[]) => unknown;

/** Gives a replacement the properties of what it replaces: its name, its length, its variants. */
export function likeness<F extends object>(replacement: F, original: object): F {
  const { prototype: _prototype, ...properties } = Object.getOwnPropertyDescriptors(original) as PropertyDescriptorMap;
  return Object.defineProperties(replacement, properties);
}
