import type { ContextId, ExternalContextCreator } from '@nestjs/core';
import type { Callable } from './interception.js';

/** What `ExecutionContext.getType()` says in a step's guards, interceptors and filters. */
export const STEP_CONTEXT_TYPE = 'workflow-step';

/** Which kinds of enhancers a step has. */
export interface Enhancers {
  readonly guards: boolean;
  readonly interceptors: boolean;
  readonly filters: boolean;
  readonly pipes: boolean;
}

// Nest exports these names from different paths in its versions 11 and 12.
const GUARDS = '__guards__';
const INTERCEPTORS = '__interceptors__';
const FILTERS = '__exceptionFilters__';
const PIPES = '__pipes__';

/** Under which a step's parameters are described to Nest, which applies pipes only to described parameters. */
const PARAMETERS = 'nestjs-pyworkflow:step-parameters';
/** Nest's number of a parameter that is a body: pipes are told `type: 'body'`, which ValidationPipe needs. */
const BODY = 3;

/** The kinds of enhancers that a method or its class has of its own; undefined without any. */
export function enhancersOf(instance: object, method: Callable): Enhancers | undefined {
  const has = (key: string): boolean =>
    Reflect.getMetadata(key, method) !== undefined || Reflect.getMetadata(key, instance.constructor) !== undefined;
  const enhancers = { guards: has(GUARDS), interceptors: has(INTERCEPTORS), filters: has(FILTERS), pipes: has(PIPES) };
  return Object.values(enhancers).includes(true) ? enhancers : undefined;
}

interface Enhanced {
  readonly externalContext: ExternalContextCreator;
  readonly instance: object;
  readonly method: string | symbol;
  readonly original: Callable;
  readonly enhancers: Enhancers;
  /** Of a request-scoped instance. */
  readonly contextId?: ContextId;
}

/** The method behind its enhancers. Global ones apply as well, of the kinds that the step has itself. */
export function withEnhancers({
  externalContext,
  instance,
  method,
  original,
  enhancers,
  contextId,
}: Enhanced): Callable {
  if (enhancers.pipes) describeParameters(instance, method, original);
  return externalContext.create(
    instance as Record<string, never>,
    original,
    method as string,
    PARAMETERS,
    { exchangeKeyForValue: (_type, index, args: readonly unknown[]) => args[index as unknown as number] },
    contextId,
    undefined,
    enhancers,
    STEP_CONTEXT_TYPE,
  );
}

function describeParameters(instance: object, method: string | symbol, original: Callable): void {
  const types = (Reflect.getMetadata('design:paramtypes', instance, method) ?? []) as readonly unknown[];
  const count = Math.max(types.length, original.length);
  const described = Array.from({ length: count }, (_, index) => [
    `${BODY}:${index}`,
    { index, data: index, pipes: [] },
  ]);
  Reflect.defineMetadata(PARAMETERS, Object.fromEntries(described), instance.constructor, method);
}
