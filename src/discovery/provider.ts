import type { InjectionToken, Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { AnyClass } from '../decorators/metadata.js';

/** A provider or controller that may have workflows and steps. */
export interface Provider {
  readonly token: InjectionToken;
  /** What messages call it: its class and its module. */
  readonly label: string;
  /** The class that others ask for: the token, if that is a class. */
  readonly contract?: AnyClass;
  /** The class of what they get; absent if that is an object without a class, such as a mock. */
  readonly type?: AnyClass;
  /** What they get; absent if each request or each injection has its own. */
  readonly instance?: object;
  /** `request` if it, or something that it needs, exists once per request. */
  readonly scope: 'static' | 'request' | 'transient';
  /** It is request-scoped itself, not only something that it needs. */
  readonly isRequestScopedItself: boolean;
  /** Nest makes it with `new`, so we can make more of them. */
  readonly isClassProvider: boolean;
  /** The injector of its module. */
  readonly moduleRef: ModuleRef;
}

export function isClass(value: unknown): value is AnyClass & Type<object> {
  return typeof value === 'function' && typeof (value as { prototype?: unknown }).prototype === 'object';
}

/** The prototypes to look for marks on: what it is, then what others take it for. */
export function prototypesOf({ type, contract }: Provider): readonly object[] {
  const prototypes = [type, contract].flatMap((it) => (it ? [it.prototype as object] : []));
  return [...new Set(prototypes)];
}

/**
 * Whether a provider has a method that is decorated. A mock may leave out what its test does not call; what the decorated
 * class itself has in that place must be a method. A getter is not called to find out.
 */
export function findMember(
  { instance, type }: Provider,
  method: string | symbol,
  decorated: object,
): 'method' | 'missing' | 'no method' {
  const holder = instance ?? (type?.prototype as object);
  const isMethod = !isAccessor(holder, method) && typeof Reflect.get(holder, method) === 'function';
  if (isMethod) return 'method';
  return decorated === type?.prototype ? 'no method' : 'missing';
}

function isAccessor(holder: object, key: string | symbol): boolean {
  for (let link: object | null = holder; link; link = Object.getPrototypeOf(link) as object | null) {
    const descriptor = Reflect.getOwnPropertyDescriptor(link, key);
    if (descriptor) return descriptor.get !== undefined || descriptor.set !== undefined;
  }
  return false;
}
