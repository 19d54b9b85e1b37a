import type { InjectionToken } from '@nestjs/common';
import {
  type AnyClass,
  classMark,
  hasMethodMark,
  inheritsClassMark,
  markedMethods,
  methodMark,
} from '../decorators/metadata.js';
import { extendsWorkflow } from '../decorators/workflow.decorator.js';
import { dependenciesOf } from './fresh-instances.js';
import { findMember, type Provider, prototypesOf } from './provider.js';
import { type CheckedWorkflow, readWorkflow } from './read-options.js';

export interface FoundWorkflow {
  readonly provider: Provider;
  readonly method: string | symbol;
  readonly label: string;
  readonly prototype: object;
  readonly options: CheckedWorkflow;
  /** Whether the class is the workflow, or one of its methods. */
  readonly kind: 'class' | 'method';
  /** A class of which each run has an instance of its own; otherwise the method runs on the provider. */
  readonly perRun?: AnyClass;
}

export interface WorkflowSearch {
  readonly requestScoped: ReadonlySet<InjectionToken>;
  /** Tokens of providers that have steps: workflows may have them injected, whatever their scope. */
  readonly stepProviders: ReadonlySet<InjectionToken>;
  /** What is wrong is added here. */
  readonly faults: string[];
}

/** The workflows of a provider. */
export function findWorkflows(provider: Provider, search: WorkflowSearch): readonly FoundWorkflow[] {
  return [...methodWorkflows(provider, search.faults), ...classWorkflow(provider, search)];
}

function methodWorkflows(provider: Provider, faults: string[]): readonly FoundWorkflow[] {
  const methods = new Set(prototypesOf(provider).flatMap((prototype) => markedMethods(prototype)));
  return [...methods].flatMap((method) => {
    const marked = prototypesOf(provider).filter((prototype) => hasMethodMark('workflow', prototype, method));
    const [prototype] = marked;
    if (!prototype || hasMethodMark('step', prototype, method)) return [];
    const given = methodMark('workflow', prototype, method);
    const label = `${String(method)} of ${provider.label}`;
    if (!provider.instance) {
      faults.push(
        `${label} is a workflow, and its provider is ${provider.scope}-scoped: make it a provider of the default scope.`,
      );
      return [];
    }
    const member = findMember(provider, method, prototype);
    if (member === 'no method') faults.push(`${label} is decorated with @Workflow and is no method: write it as one.`);
    if (member !== 'method') return [];
    const namedAfter = marked.at(-1)?.constructor.name;
    const options = readWorkflow(`@Workflow ${label}`, `${namedAfter}.${String(method)}`, given, faults);
    return options ? [{ kind: 'method' as const, provider, method, label, prototype, options }] : [];
  });
}

function classWorkflow(provider: Provider, search: WorkflowSearch): readonly FoundWorkflow[] {
  const { faults } = search;
  const { type, contract, label } = provider;
  const classes = [type, contract].filter((it): it is AnyClass => it !== undefined);
  const marked = classes.filter((it) => classMark(it) !== undefined || extendsWorkflow(it));
  if (marked.length === 0) {
    if (type && inheritsClassMark(type))
      faults.push(`${label} extends a workflow and is not decorated: give it a @Workflow() with a name of its own.`);
    return [];
  }
  const own = marked[0] as AnyClass;
  const fault = faultOf(provider, own, search);
  if (fault !== undefined) {
    faults.push(`${label} ${fault}`);
    return [];
  }
  const options = readWorkflow(`Workflow ${label}`, (marked.at(-1) as AnyClass).name, optionsOf(own), faults);
  const perRun = provider.isClassProvider ? { perRun: provider.type as AnyClass } : undefined;
  return options
    ? [{ kind: 'class', provider, method: 'run', label, prototype: own.prototype as object, options, ...perRun }]
    : [];
}

/** Of the decorator, and of the base class. Unchecked. */
function optionsOf(own: AnyClass): unknown {
  const mark = classMark(own);
  const inherited: unknown = extendsWorkflow(own) ? Reflect.get(own, 'options') : undefined;
  if (inherited === undefined) return mark === undefined ? {} : mark;
  if (mark === undefined) return inherited;
  return { ...(inherited as object), ...(mark as object) };
}

function faultOf(provider: Provider, own: AnyClass, search: WorkflowSearch): string | undefined {
  const { instance, type, isClassProvider, scope, isRequestScopedItself } = provider;
  if (isRequestScopedItself || scope === 'transient') {
    return 'is a workflow and has a scope: take it away, since each run has an instance of its own anyway.';
  }
  const subject = isClassProvider ? (type?.prototype as object) : instance;
  if (!subject || typeof Reflect.get(subject, 'run') !== 'function') {
    return 'is a workflow and has no run method: write one, or move the decorator to the method that is the workflow.';
  }
  const prototype = own.prototype as object;
  if (hasMethodMark('workflow', prototype, 'run') || hasMethodMark('step', prototype, 'run')) {
    return 'is a workflow and its run method is decorated as well: keep the decorator of the class.';
  }
  if (!isClassProvider && subject instanceof own) {
    return 'is a workflow that a factory or a value provides, so no instance can be made for each run: put the class itself into providers.';
  }
  if (isClassProvider && type && type.length > 0 && !Reflect.hasMetadata('design:paramtypes', type)) {
    return 'takes constructor arguments and has no decorator, so Nest does not know what to inject: add @Injectable().';
  }
  if (!isClassProvider || scope === 'static') return undefined;
  const scoped = dependenciesOf(type as AnyClass).filter(
    (token) => search.requestScoped.has(token) && !search.stepProviders.has(token),
  );
  if (scoped.length === 0) return undefined;
  const names = scoped.map((token) => (typeof token === 'function' ? token.name : String(token))).join(', ');
  return `is a workflow that needs ${names}, which exists only within a request: inject it into a step instead.`;
}
