import { type AnyClass, hasMethodMark, methodMark, markedMethods, ownMarkedMethods } from '../decorators/metadata.js';
import { extendsStep } from '../decorators/step.decorator.js';
import { findMember, type Provider, prototypesOf } from './provider.js';
import { type CheckedStep, readStep } from './read-options.js';

export interface FoundStep {
  readonly provider: Provider;
  readonly method: string | symbol;
  /** What messages call it: its method and where that is provided. */
  readonly label: string;
  /** The prototype whose parameters TypeScript describes. */
  readonly prototype: object;
  readonly options: CheckedStep;
}

/** The steps of a provider. Adds to `faults` what is wrong with them. */
export function findSteps(provider: Provider, faults: string[]): readonly FoundStep[] {
  return [...methodSteps(provider, faults), ...classStep(provider, faults)];
}

function methodSteps(provider: Provider, faults: string[]): readonly FoundStep[] {
  faultsOfStaticMethods(provider, faults);
  const methods = new Set(prototypesOf(provider).flatMap((prototype) => markedMethods(prototype)));
  return [...methods].flatMap((method) => {
    const marked = prototypesOf(provider).filter((prototype) => hasMethodMark('step', prototype, method));
    const prototype = marked[0];
    // What others ask for names the step: then another implementation goes on with its runs.
    const namedAfter = marked.at(-1)?.constructor as AnyClass | undefined;
    if (!prototype || !namedAfter) return [];
    const label = `${nameOf(method)} of ${provider.label}`;
    const member = findMember(provider, method, prototype);
    if (member === 'no method') faults.push(`${label} is decorated with @Step and is no method: write it as one.`);
    if (member !== 'method') return [];
    if (hasMethodMark('workflow', prototype, method)) {
      faults.push(`${label} is both a step and a workflow: keep one of the decorators.`);
      return [];
    }
    const given = methodMark('step', prototype, method);
    const options = readStep(`@Step ${label}`, `${namedAfter.name}.${nameOf(method)}`, given, faults);
    return options ? [{ provider, method, label, prototype, options }] : [];
  });
}

function classStep(provider: Provider, faults: string[]): readonly FoundStep[] {
  const [type] = [provider.type, provider.contract].filter((it) => it !== undefined && extendsStep(it)) as AnyClass[];
  if (!type || hasMethodMark('step', type.prototype as object, 'execute')) return [];
  const label = `${provider.label}`;
  if (findMember(provider, 'execute', type.prototype as object) !== 'method') {
    faults.push(`${label} extends Step and has no execute method: write one.`);
    return [];
  }
  const namedAfter = provider.contract && extendsStep(provider.contract) ? provider.contract : type;
  const given: unknown = Reflect.get(type, 'options');
  const options = readStep(`Step ${label}`, namedAfter.name, given === undefined ? {} : given, faults);
  return options ? [{ provider, method: 'execute', label, prototype: type.prototype as object, options }] : [];
}

function faultsOfStaticMethods({ type, label }: Provider, faults: string[]): void {
  for (const method of type ? ownMarkedMethods(type) : []) {
    faults.push(
      method === undefined
        ? `${label} is decorated with @Step, which is for methods: decorate one of them, or let the class extend Step.`
        : `${nameOf(method)} of ${label} is static: make it a method of the instance.`,
    );
  }
}

function nameOf(method: string | symbol): string {
  return typeof method === 'symbol' ? (method.description ?? '') : method;
}
