import { Injectable } from '@nestjs/common';
import { DiscoveryService, ExternalContextCreator } from '@nestjs/core';
import { Registry } from '../../libs/runtime/index.js';
import type { RetryPolicy } from '../../libs/core/index.js';
import { PyWorkflowConfigError } from '../checks/config.error.js';
import type { AnyClass } from '../decorators/metadata.js';
import { HookCatalog } from '../hooks/hook-catalog.js';
import type { ArgumentChecks } from '../validation/argument-checks.js';
import { ValidationFailedError } from '../validation/validation-failed.error.js';
import { Declarations } from '../validation/declarations.js';
import { duplicateFaults } from './duplicates.js';
import { findProviders } from './find-providers.js';
import { findSteps, type FoundStep } from './find-steps.js';
import { findWorkflows, type FoundWorkflow } from './find-workflows.js';
import { injectedInto, makerOf } from './fresh-instances.js';
import { constructorFaults } from './inherited-constructors.js';
import { type Callable, durable, intercept, originalOf } from './interception.js';
import type { Provider } from './provider.js';
import { standInFor } from './stand-in.js';
import { stepBody } from './step-body.js';
import { WorkflowCatalog } from './workflow.catalog.js';

/** A step whose arguments are known. */
interface ReadyStep extends FoundStep {
  readonly checks: ArgumentChecks | undefined;
}

/** Finds the workflows and steps among the providers of the application, and the hooks, and registers them. */
@Injectable()
export class WorkflowExplorer {
  private readonly declarations = new Declarations();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly externalContext: ExternalContextCreator,
    private readonly registry: Registry,
    private readonly catalog: WorkflowCatalog,
    private readonly hooks: HookCatalog,
  ) {}

  /** @throws PyWorkflowConfigError that lists everything that is wrong */
  async explore(): Promise<void> {
    const faults: string[] = [];
    faults.push(...faultOfSecondImport(this.discovery));
    const { providers, requestScoped } = findProviders(this.discovery);
    const found = providers.flatMap((provider) => findSteps(provider, faults));
    faults.push(...transientFaults(found));
    const stepProviders = new Set(found.map(({ provider }) => provider.token));
    const search = { requestScoped, stepProviders, faults };
    const workflows = providers.flatMap((provider) => findWorkflows(provider, search));
    faults.push(...constructorFaults([...found, ...workflows].map(({ provider }) => provider)));
    faults.push(...duplicateFaults(found, workflows), ...(await this.hooks.explore()));
    const steps = await Promise.all(found.map((step) => this.ready(step, faults)));
    const checks = await Promise.all(workflows.map((workflow) => this.checksOf(workflow, faults)));
    if (faults.length === 0) faults.push(...this.registerSteps(steps));
    if (faults.length > 0) throw new PyWorkflowConfigError(faults);
    this.catalog.clear();
    for (const [index, workflow] of workflows.entries()) await this.registerWorkflow(workflow, checks[index]!, steps);
  }

  private async ready(step: FoundStep, faults: string[]): Promise<ReadyStep> {
    const { prototype, method, options } = step;
    const declared = { what: `step "${options.name}"`, explicit: options.args, prototype, method };
    return { ...step, checks: await this.declarations.read(declared, faults) };
  }

  private async checksOf({ prototype, method, options }: FoundWorkflow, faults: string[]): Promise<WorkflowChecks> {
    const what = `workflow "${options.name}"`;
    return {
      input: await this.declarations.read({ what, explicit: options.input, prototype, method }, faults),
      stepContext: await this.declarations.readStepContext(what, options.stepContext, faults),
    };
  }

  private registerSteps(steps: readonly ReadyStep[]): readonly string[] {
    return steps.flatMap(({ provider, method, label, options, checks }) => {
      const { args: _, ...definition } = options;
      const invoke = stepBody({ provider, method, checks, externalContext: this.externalContext });
      const retry = checks ? exceptInvalid(definition.retry) : definition.retry;
      this.registry.addStep({ ...definition, retry, invoke });
      const { instance } = provider;
      if (!instance) return [];
      const replacement = durable(originalOf(Reflect.get(instance, method) as Callable), options.name, checks);
      return intercept(instance, method, replacement)
        ? []
        : [
            `${label} is a step whose object is frozen or guards its methods: provide one whose methods can be replaced.`,
          ];
    });
  }

  private async registerWorkflow(
    workflow: FoundWorkflow,
    { input: checks, stepContext }: WorkflowChecks,
    steps: readonly ReadyStep[],
  ): Promise<void> {
    const { options, provider, method } = workflow;
    const { description, input: _, stepContext: __, ...definition } = options;
    const call = workflow.perRun
      ? await callPerRun(provider, workflow.perRun, steps)
      : (args: readonly unknown[]) =>
          Reflect.apply(Reflect.get(provider.instance as object, method) as Callable, provider.instance, args);
    const invoke = checks ? (args: readonly unknown[]) => call(checks.revive(args)) : call;
    const checkStepContext = (value: unknown): void => stepContext?.checkSync([value]);
    this.registry.addWorkflow({ ...definition, invoke, checkStepContext });
    const entry = {
      name: options.name,
      version: options.version,
      ...(description === undefined ? undefined : { description }),
      ...(checks && { checks }),
    };
    this.catalog.add(entry);
    for (const type of [provider.type, provider.contract]) {
      if (type && workflow.kind === 'class') this.catalog.addClass(type, entry);
      else if (type) this.catalog.addMethod(type, method, entry);
    }
  }
}

interface WorkflowChecks {
  readonly input: ArgumentChecks | undefined;
  readonly stepContext: ArgumentChecks | undefined;
}

/** Calls `run` on an instance that is made for the call, and whose own steps are durable. */
async function callPerRun(
  provider: Provider,
  type: AnyClass,
  steps: readonly ReadyStep[],
): Promise<(args: readonly unknown[]) => unknown> {
  const injected = await injectedInto(provider, type);
  const standIns = new Map(
    steps.filter((step) => !step.provider.instance).map((step) => [step.provider.type, step.provider]),
  );
  const standIn = (value: unknown): unknown => {
    const scoped =
      typeof value === 'object' && value !== null ? standIns.get(value.constructor as AnyClass) : undefined;
    return scoped ? standInFor(scoped, (target) => addSteps(target, scoped, steps)) : value;
  };
  const own = steps.some((step) => step.provider === provider) ? withOwnSteps(type, provider, steps) : type;
  const make = makerOf<{ run: Callable }>(own, {
    args: injected.args.map(standIn),
    properties: injected.properties.map(([key, value]) => [key, standIn(value)]),
  });
  return (args) => make().run(...args);
}

/** The class, with its steps durable. */
function withOwnSteps(type: AnyClass, provider: Provider, steps: readonly ReadyStep[]): AnyClass {
  const Constructor = type as new (...args: readonly unknown[]) => object;
  const Durable = class extends Constructor {};
  Object.defineProperty(Durable, 'name', { value: type.name });
  Object.defineProperty(Durable.prototype, 'constructor', { value: type, configurable: true, writable: true });
  addSteps(Durable.prototype, provider, steps);
  return Durable;
}

/** Makes the steps of a provider durable on an object of its class. @returns their methods */
function addSteps(target: object, provider: Provider, steps: readonly ReadyStep[]): readonly PropertyKey[] {
  return steps
    .filter((step) => step.provider === provider)
    .map(({ method, options, checks }) => {
      intercept(target, method, durable(originalOf(Reflect.get(target, method) as Callable), options.name, checks));
      return method;
    });
}

/** Arguments that are not valid now will not be so at the next attempt. */
function exceptInvalid(retry: RetryPolicy): RetryPolicy {
  const shouldRetry = (error: unknown): boolean =>
    !(error instanceof ValidationFailedError) && retry.shouldRetry(error);
  return { ...retry, shouldRetry };
}

function faultOfSecondImport(discovery: DiscoveryService): readonly string[] {
  const imports = discovery.getProviders().filter(({ token }) => token === WorkflowCatalog).length;
  if (imports < 2) return [];
  return [
    `PyWorkflowModule.forRoot() is imported ${imports} times, each with its own options: import it once, it is global.`,
  ];
}

function transientFaults(steps: readonly FoundStep[]): readonly string[] {
  const labels = new Set(steps.flatMap(({ provider }) => (provider.scope === 'transient' ? [provider.label] : [])));
  return [...labels].map(
    (label) =>
      `${label} has steps and is transient, so there is no one object to run them on: make it a provider of the default or the request scope.`,
  );
}
