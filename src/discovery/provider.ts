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
