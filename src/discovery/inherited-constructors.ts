import type { AnyClass } from '../decorators/metadata.js';
import type { Provider } from './provider.js';

/** TypeScript describes the parameters of decorated classes only, and Nest injects nothing into those it knows nothing of. */
export function constructorFaults(providers: Iterable<Provider>): readonly string[] {
  return [...new Set(providers)].flatMap(({ type, isClassProvider, label }) => {
    const base = type && isClassProvider ? baseWithUnknownParameters(type) : undefined;
    if (!base) return [];
    return [
      `${label} inherits the constructor of ${base.name}, which is not decorated: what it takes is not known, and all of it would be undefined. Put @Injectable() on ${base.name}.`,
    ];
  });
}

/** The class whose constructor is inherited, if it has parameters of which nothing is known. */
function baseWithUnknownParameters(type: AnyClass): AnyClass | undefined {
  let owner: AnyClass = type;
  while (!isDescribed(owner) && !hasOwnConstructor(owner)) {
    const base = Object.getPrototypeOf(owner) as AnyClass;
    if (base === Function.prototype) return undefined;
    owner = base;
  }
  return owner !== type && owner.length > 0 && !isDescribed(owner) ? owner : undefined;
}

function isDescribed(type: AnyClass): boolean {
  return ['design:paramtypes', 'self:paramtypes'].some((key) => Reflect.hasOwnMetadata(key, type));
}

/** A class without one has no parameters of its own; nor does one whose own has none, which its text tells. */
function hasOwnConstructor(type: AnyClass): boolean {
  const text = Function.prototype.toString.call(type);
  return type.length > 0 || !text.startsWith('class') || /\bconstructor\s*\(/.test(text);
}
