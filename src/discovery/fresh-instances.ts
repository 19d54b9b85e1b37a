import type { InjectionToken } from '@nestjs/common';
import { ContextIdFactory } from '@nestjs/core';
import type { AnyClass } from '../decorators/metadata.js';
import type { Provider } from './provider.js';

/** What Nest injected into a class. */
export interface Injected {
  readonly args: readonly unknown[];
  readonly properties: readonly (readonly [string | symbol, unknown])[];
}

/**
 * Asks Nest what it injects into a class, so that instances can be made without asking again.
 *
 * Nest makes a class that has the same dependencies and only remembers them: the user's constructor does not run.
 */
export async function injectedInto({ moduleRef, scope }: Provider, type: AnyClass): Promise<Injected> {
  let args: readonly unknown[] = [];
  class Recorder {
    constructor(...given: readonly unknown[]) {
      args = given;
    }
  }
  // Nest finds the metadata of the class by inheritance.
  Object.setPrototypeOf(Recorder, type);
  const contextId = scope === 'static' ? undefined : ContextIdFactory.create();
  if (contextId) moduleRef.registerRequestByContextId({}, contextId);
  const recorder = await moduleRef.create<object>(Recorder, contextId);
  return { args, properties: Reflect.ownKeys(recorder).map((key) => [key, Reflect.get(recorder, key)]) };
}

/** Makes instances of a class; what is injected is shared by all of them, as with any provider. */
export function makerOf<T extends object>(type: AnyClass, { args, properties }: Injected): () => T {
  const Constructor = type as unknown as new (...args: readonly unknown[]) => T;
  if (properties.length === 0) return () => new Constructor(...args);
  return () => {
    const instance = new Constructor(...args);
    for (const [key, value] of properties) Reflect.set(instance, key, value);
    return instance;
  };
}

/** The tokens of what is injected into a class. */
export function dependenciesOf(type: AnyClass): readonly InjectionToken[] {
  const declared = (Reflect.getMetadata('design:paramtypes', type) ?? []) as readonly InjectionToken[];
  const named = (Reflect.getMetadata('self:paramtypes', type) ?? []) as readonly { index: number; param: unknown }[];
  const properties = (Reflect.getMetadata('self:properties_metadata', type) ?? []) as readonly { type: unknown }[];
  const tokens: unknown[] = [...declared];
  for (const { index, param } of named) tokens[index] = param;
  return [...tokens, ...properties.map((property) => property.type)].map(behindForwardRef);
}

function behindForwardRef(token: unknown): InjectionToken {
  const isForward = typeof token === 'object' && token !== null && 'forwardRef' in token;
  return (isForward ? (token as { forwardRef: () => unknown }).forwardRef() : token) as InjectionToken;
}
