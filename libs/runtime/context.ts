import { AsyncLocalStorage } from 'node:async_hooks';
import { type Execution, InvalidInputError, type Scope } from '../core/index.js';
import type { EngineLogger } from './logger.js';
import type { GuardedGlobals } from './options.js';

export interface CheckpointOptions {
  /** Tells the loops of a workflow apart. @default 'checkpoint' */
  readonly name?: string;
}

interface RunContext {
  readonly runId: string;
  readonly workflowName: string;
  readonly tags: readonly string[];
  /** Writes nothing on replay. */
  readonly logger: EngineLogger;
  /** Saves the state of a loop, as the function of that name. It works in workflow code only. */
  checkpoint(state: object, options?: CheckpointOptions): Promise<void>;
}

/** What `getCurrentContext` gives anywhere below a workflow's `run`. */
export interface WorkflowContext extends RunContext {
  readonly kind: 'workflow';
  /** Whether the code goes over what it has done before. */
  readonly isReplaying: boolean;
}

/** What `getCurrentContext` gives anywhere below a step. */
export interface StepContext extends RunContext {
  readonly kind: 'step';
  readonly stepName: string;
  /** The call's id within its run, such as `charge#2`. */
  readonly stepId: string;
  /** Counts from 1. */
  readonly attempt: number;
  /** The same for all attempts of one call, and for no other call: hand it to the services that the step calls. */
  readonly idempotencyKey: string;
  /** Fires when the attempt times out, the run is cancelled, or the process has lost the run. */
  readonly signal: AbortSignal;
  readonly isReplaying: false;
}

/** What `getCurrentContext` gives; `kind` tells which of the two it is. */
export type CurrentContext = WorkflowContext | StepContext;

/** Where code stands. */
interface Place {
  readonly context: CurrentContext;
  /** Present in workflow code. */
  readonly execution?: Execution;
  /** Present in steps: reads what their workflow has set for them. */
  readonly readStepContext?: () => unknown;
  /** The innermost shield or cancellation scope around it. */
  readonly scope?: Scope;
  /** What globals are to the code; absent where they are themselves. */
  readonly guard?: Guard;
}

/** How the globals of the process are guarded in the code of a workflow. */
export interface Guard {
  readonly options: GuardedGlobals;
  /** The I/O that the code has begun last, and where. */
  readonly lastCall: string | undefined;
  /** Tells the user that the code has called something that a replay does again. */
  report(call: string, instead: string): void;
}

/** Workflow code whose globals are guarded. */
export interface GuardedCode {
  readonly execution: Execution;
  readonly guard: Guard;
}

const places = new AsyncLocalStorage<Place | undefined>();

/** Calls a function in no asynchronous context, as it was when the process began. */
export const fromOutside: <T>(body: () => T) => T = AsyncLocalStorage.snapshot();

/**
 * Enters a place from outside of all asynchronous contexts: a run must not find itself in the request that starts or
 * wakes it, since a replay would not.
 */
function enter<T>(place: Place, body: () => T): T {
  return fromOutside(() => places.run(place, body));
}

export function runInWorkflow<T>(context: WorkflowContext, execution: Execution, body: () => T, guard?: Guard): T {
  return enter({ context, execution, guard }, body);
}

export function runInStep<T>(context: StepContext, readStepContext: () => unknown, body: () => T): T {
  return enter({ context, readStepContext }, body);
}

/** How the step that is calling reads what its workflow has set; undefined outside of steps. */
export function stepContextOf(): (() => unknown) | undefined {
  return places.getStore()?.readStepContext;
}

/** Runs a part of the workflow's code that interruptions tell from the rest. */
export function runInScope<T>(scope: Scope, body: () => T): T {
  return places.run({ ...(places.getStore() as Place), scope }, body);
}

/** The shield or cancellation scope that the calling code is in. */
export function currentScope(): Scope | undefined {
  return places.getStore()?.scope;
}

/** Runs code of the engine that workflow code has caused: it is part of no run, and sees the globals as they are. */
export function leaveRun<T>(body: () => T): T {
  return places.run(undefined, body);
}

/** A logger that is told of no run, since what writes lines asks for the time. */
export function leavingRun(logger: EngineLogger): EngineLogger {
  const write = (level: keyof EngineLogger) => (message: string, fields?: object) =>
    leaveRun(() => logger[level](message, fields));
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/** Lets a function see the globals as they are, and be part of its run nevertheless. */
export function unguarded<T>(body: () => T): () => T {
  const { guard: _guard, ...place } = places.getStore() as Place;
  return () => places.run(place, body);
}

/** The workflow code that is calling, if its globals are guarded and it still has a say in its run. */
export function findGuardedCode(): GuardedCode | undefined {
  const place = places.getStore();
  if (!place?.guard || !place.execution || place.execution.isDead || place.execution.isSettled) return undefined;
  return place as GuardedCode;
}

/** The workflow or step that the calling code is part of, if it is part of one. */
export function findCurrentContext(): CurrentContext | undefined {
  return places.getStore()?.context;
}

/**
 * The workflow or step that the calling code is part of.
 *
 * @throws InvalidInputError outside of both.
 */
export function getCurrentContext(): CurrentContext {
  const context = findCurrentContext();
  if (!context) {
    throw new InvalidInputError(
      'getCurrentContext() was called outside a workflow and outside a step. Call findCurrentContext() where there may be neither.',
    );
  }
  return context;
}

/** The execution whose workflow code is calling; undefined in steps and outside of runs. */
export function findExecution(): Execution | undefined {
  return places.getStore()?.execution;
}

/** @throws InvalidInputError if `primitive` is not called from workflow code. */
export function currentExecution(primitive: string): Execution {
  const place = places.getStore();
  if (place?.execution) return place.execution;
  const where = place ? `inside step "${(place.context as StepContext).stepName}"` : 'outside a workflow';
  throw new InvalidInputError(`${primitive} was called ${where}; it works in workflow code only.`);
}
