import { Injectable } from '@nestjs/common';
import { type AnyClass, markClass, markMethod } from './metadata.js';
import type { WorkflowOptions } from './workflow.options.js';

/** A method that can be a workflow or a step. */
export type AsyncMethod = (...args: never[]) => Promise<unknown>;
/** A class that can be a workflow. */
export type WorkflowClass = abstract new (...args: never[]) => { run: AsyncMethod };

/** What a method of an instance is decorated on; a static one is not, since a class has a prototype. */
export type Prototype = object & { readonly prototype?: never };

interface WorkflowTarget {
  (type: WorkflowClass): void;
  <M extends AsyncMethod>(target: Prototype, method: string | symbol, descriptor: TypedPropertyDescriptor<M>): void;
}

interface WorkflowDecorator extends WorkflowTarget {
  (options?: WorkflowOptions): WorkflowTarget;
}

/** What `extends Workflow` gives a class. */
declare abstract class WorkflowBase {
  /** As the options of the decorator. */
  static readonly options?: WorkflowOptions;
  abstract run(...args: never[]): Promise<unknown>;
}

/** On the prototype of the base class, for the copies of the package that did not make it. */
const BASE = Symbol.for('nestjs-pyworkflow:workflow-base');

/**
 * Makes a class with a `run` method, or a method of any provider, a durable workflow.
 *
 * A decorated class is injectable, and each run has an instance of its own, so fields are the state of the run. A
 * decorated method runs on the provider that has it. Or extend it: `class Order extends Workflow` has its options in
 * `static options`.
 *
 * @example
 * ```ts
 * @Workflow({ name: 'order', maxDuration: '30d' })
 * class OrderWorkflow {
 *   constructor(private readonly payments: PaymentSteps) {}
 *   async run(order: Order): Promise<Receipt> { ... }
 * }
 * ```
 * @publicApi
 */
export const Workflow = workflow as WorkflowDecorator & typeof WorkflowBase;
export type Workflow = WorkflowBase;

// A function rather than a class, since only a function can be called as a decorator and extended as well.
function workflow(this: unknown, ...args: readonly unknown[]): unknown {
  if (new.target) return undefined;
  const [first, method] = args;
  if (args.length > 1) return decorate({}, first as object, method as string | symbol);
  if (typeof first === 'function') return decorate({}, first);
  const options = first === undefined ? {} : (first as WorkflowOptions);
  return (target: object, key?: string | symbol) => decorate(options, target, key);
}
Object.defineProperty(workflow, 'name', { value: 'Workflow' });
Object.defineProperty(workflow.prototype, BASE, { value: true });

function decorate(options: WorkflowOptions, target: object, method?: string | symbol): void {
  if (method !== undefined) return markMethod('workflow', target, method, options);
  markClass(target, options);
  Injectable()(target as new () => object);
}

/** Whether a class extends `Workflow`. */
export function extendsWorkflow(type: AnyClass): boolean {
  return BASE in (type.prototype as object);
}
