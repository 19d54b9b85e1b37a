import type { RetryPolicy } from '../core/index.js';
import { findExecution } from './context.js';

export interface WorkflowDefinition {
  readonly name: string;
  readonly version: number;
  /** A run that takes longer is timed out. */
  readonly maxDurationMs?: number;
  /** What every run of it is tagged with. */
  readonly tags: readonly string[];
  /** How often its process may die in the middle of a run without getting on. */
  readonly maxRecoveryAttempts?: number;
  /** False: a run whose process died in the middle fails instead of going on. */
  readonly recoverOnWorkerLoss: boolean;
  /** @throws if a value is not one that the workflow may set as the context of its steps */
  readonly checkStepContext?: (value: unknown) => void;
  /** Runs the workflow, each call on an instance of its own. */
  invoke(args: readonly unknown[]): unknown;
}

export interface StepDefinition {
  readonly name: string;
  readonly retry: RetryPolicy;
  readonly timeoutMs?: number;
  /** The named step queue. */
  readonly queue?: string;
  /** Runs in the process that holds the run. */
  readonly local: boolean;
  readonly onExhausted: 'fail' | 'pause';
  /** Runs the step's own code. */
  invoke(args: readonly unknown[]): unknown;
}

/** The workflows and steps that this process knows. */
export class Registry {
  private readonly workflowsByName = new Map<string, Map<number, WorkflowDefinition>>();
  private readonly stepsByName = new Map<string, StepDefinition>();

  addWorkflow(definition: WorkflowDefinition): void {
    const versions = this.workflowsByName.get(definition.name) ?? new Map<number, WorkflowDefinition>();
    this.workflowsByName.set(definition.name, versions.set(definition.version, definition));
  }

  addStep(definition: StepDefinition): void {
    this.stepsByName.set(definition.name, definition);
  }

  /** A version of a workflow; the highest if none is asked for. */
  workflow(name: string, version?: number): WorkflowDefinition | undefined {
    const versions = this.workflowsByName.get(name);
    return versions?.get(version ?? Math.max(...versions.keys()));
  }

  step(name: string): StepDefinition | undefined {
    return this.stepsByName.get(name);
  }

  get workflows(): readonly WorkflowDefinition[] {
    return [...this.workflowsByName.values()].flatMap((versions) => [...versions.values()]);
  }

  get steps(): readonly StepDefinition[] {
    return [...this.stepsByName.values()];
  }
}

/** Calls a step: durably from workflow code, as the plain function that it is from anywhere else. */
export function callStep(name: string, args: readonly unknown[], plain: () => unknown): unknown {
  const execution = findExecution();
  return execution ? execution.step(name, args) : plain();
}
