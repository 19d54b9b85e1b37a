import type { AsyncMethod, WorkflowClass } from '../decorators/workflow.decorator.js';

/** The names of an object's methods that can be workflows. */
export type AsyncMethodName<T> = { [K in keyof T]: T[K] extends AsyncMethod ? K : never }[keyof T];

/** A method of a provider that is a workflow, such as `[OrdersService, 'fulfil']`. */
export type WorkflowMethod<T extends object = object, K extends keyof T = keyof T> = readonly [
  abstract new (...args: never[]) => T,
  K,
];

/** What a workflow takes: the parameters of its `run`. */
export type WorkflowArgs<W extends WorkflowClass> = Parameters<InstanceType<W>['run']>;
/** What a workflow gives: what its `run` resolves to. */
export type WorkflowResult<W extends WorkflowClass> = Awaited<ReturnType<InstanceType<W>['run']>>;

/** What the method of a class takes and gives. */
export type MethodArgs<M> = M extends (...args: infer A) => unknown ? A : never;
export type MethodResult<M> = M extends (...args: never[]) => infer R ? Awaited<R> : never;
