import { ContextIdFactory, type ExternalContextCreator } from '@nestjs/core';
import { getCurrentContext } from '../../libs/runtime/index.js';
import type { ArgumentChecks } from '../validation/argument-checks.js';
import { enhancersOf, withEnhancers } from './enhancers.js';
import { type Callable, originalOf } from './interception.js';
import type { Provider } from './provider.js';

export interface StepBodyParts {
  readonly provider: Provider;
  readonly method: string | symbol;
  readonly checks: ArgumentChecks | undefined;
  readonly externalContext: ExternalContextCreator;
}

/**
 * What runs as one attempt of a step: its method, on the provider that has it, behind the provider's enhancers.
 *
 * A request-scoped provider is made anew for each attempt; `REQUEST` is the context of the step then.
 */
export function stepBody({
  provider,
  method,
  checks,
  externalContext,
}: StepBodyParts): (args: readonly unknown[]) => unknown {
  const run = provider.instance
    ? onInstance(provider.instance, method, externalContext)
    : perAttempt(provider, method, externalContext);
  if (!checks) return run;
  return async (args) => {
    await checks.check(args);
    return run(checks.revive(args));
  };
}

type Body = (args: readonly unknown[]) => unknown;

function onInstance(instance: object, method: string | symbol, externalContext: ExternalContextCreator): Body {
  const own = Object.hasOwn(instance, method) ? originalOf(Reflect.get(instance, method) as Callable) : undefined;
  // Looked up for each call, so that a test may spy on the prototype.
  const original = (): Callable => own ?? (Reflect.get(Object.getPrototypeOf(instance) as object, method) as Callable);
  const enhancers = enhancersOf(instance, original());
  if (!enhancers) return (args) => Reflect.apply(original(), instance, args);
  const enhanced = withEnhancers({ externalContext, instance, method, original: original(), enhancers });
  return (args) => enhanced(...args);
}

function perAttempt(
  { moduleRef, token }: Provider,
  method: string | symbol,
  externalContext: ExternalContextCreator,
): Body {
  return async (args) => {
    const contextId = ContextIdFactory.create();
    moduleRef.registerRequestByContextId(getCurrentContext(), contextId);
    const instance = await moduleRef.resolve<object>(token, contextId, { strict: true });
    const original = originalOf(Reflect.get(instance, method) as Callable);
    const enhancers = enhancersOf(instance, original);
    if (!enhancers) return Reflect.apply(original, instance, args);
    return withEnhancers({ externalContext, instance, method, original, enhancers, contextId })(...args);
  };
}
