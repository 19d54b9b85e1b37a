import { type InjectionToken, Scope } from '@nestjs/common';
import { type DiscoveryService, ModuleRef } from '@nestjs/core';
import type { AnyClass } from '../decorators/metadata.js';
import { isClass, type Provider } from './provider.js';

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

export interface Found {
  readonly providers: readonly Provider[];
  /** The tokens of everything that exists once per request. */
  readonly requestScoped: ReadonlySet<InjectionToken>;
}

/** The providers and controllers of all modules, each once. */
export function findProviders(discovery: DiscoveryService): Found {
  const wrappers = [...discovery.getProviders(), ...discovery.getControllers()];
  const moduleRefs = new Map(
    wrappers.filter(({ token }) => token === ModuleRef).map(({ host, instance }) => [host, instance as ModuleRef]),
  );
  const providers: Provider[] = [];
  const seen = new Set<object>();
  for (const wrapper of wrappers) {
    const moduleRef = moduleRefs.get(wrapper.host);
    // An alias stands for a provider that is found by itself.
    if (wrapper.isAlias || !moduleRef) continue;
    const provider = toProvider(wrapper, moduleRef);
    if (!provider) continue;
    if (provider.instance) {
      if (seen.has(provider.instance)) continue;
      seen.add(provider.instance);
    }
    providers.push(provider);
  }
  const scoped = wrappers.filter((wrapper) => !wrapper.isDependencyTreeStatic());
  return { providers, requestScoped: new Set(scoped.map(({ token }) => token)) };
}

function toProvider(wrapper: Wrapper, moduleRef: ModuleRef): Provider | undefined {
  const isClassProvider = isClass(wrapper.metatype) && !wrapper.inject;
  const scope = scopeOf(wrapper);
  const instance = scope === 'static' ? asObject(wrapper.instance) : undefined;
  const type = isClassProvider ? (wrapper.metatype as AnyClass) : instance && classOf(instance);
  const contract = isClass(wrapper.token) ? wrapper.token : undefined;
  if (!(type ?? contract) || (scope === 'static' && !instance)) return undefined;
  return {
    token: wrapper.token,
    label: labelOf(wrapper, type ?? contract),
    scope,
    isRequestScopedItself: wrapper.scope === Scope.REQUEST,
    isClassProvider,
    moduleRef,
    ...(contract && { contract }),
    ...(type && { type }),
    ...(instance && { instance }),
  };
}

function scopeOf(wrapper: Wrapper): Provider['scope'] {
  if (wrapper.scope === Scope.TRANSIENT) return 'transient';
  return wrapper.isDependencyTreeStatic() ? 'static' : 'request';
}

function asObject(value: unknown): object | undefined {
  return typeof value === 'object' && value !== null ? value : undefined;
}

function classOf(instance: object): AnyClass | undefined {
  const prototype = Object.getPrototypeOf(instance) as { constructor?: unknown } | null;
  if (prototype === null || prototype === Object.prototype) return undefined;
  return isClass(prototype.constructor) ? prototype.constructor : undefined;
}

function labelOf({ token, host }: Wrapper, type: AnyClass | undefined): string {
  const module = host?.metatype?.name;
  const name = type?.name || nameOfToken(token);
  const as = type && token !== type ? ` as ${nameOfToken(token)}` : '';
  return module ? `${name}${as} (in ${module})` : `${name}${as}`;
}

function nameOfToken(token: InjectionToken): string {
  return typeof token === 'function' ? token.name : `"${String(token)}"`;
}
