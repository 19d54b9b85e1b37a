import { type Backoff, FatalError, retryPolicy } from '../../core/index.js';
import { getCurrentContext, type StepContext, type StepDefinition } from '../../runtime/index.js';
import { childrenOf, type Program, type StepNode } from './program.js';
import { mix, SimulatedError } from './run-program.js';

/** A step that generated workflows call. */
export interface SharedStep {
  readonly name: string;
  readonly maxRetries: number;
  readonly backoff: Backoff;
  readonly timeoutMs?: number;
  /** Asks for a person when its retries are used up. */
  readonly pauses?: boolean;
  /** Runs where the run is held. */
  readonly local?: boolean;
}

// No jitter: the engine draws it from Math.random, which no seed determines.
export const SHARED_STEPS: readonly SharedStep[] = [
  { name: 'quick', maxRetries: 3, backoff: ['50ms', '100ms', '400ms'] },
  { name: 'patient', maxRetries: 2, backoff: { initialInterval: '1s', coefficient: 3, jitter: 0 }, local: true },
  { name: 'once', maxRetries: 0, backoff: 'fixed' },
  { name: 'limited', maxRetries: 1, backoff: '200ms', timeoutMs: 8_000 },
  { name: 'asking', maxRetries: 1, backoff: '100ms', pauses: true },
];

/** The step calls of a program: the shared steps, and those that have a name of their own. */
export function stepsOf(program: Program): readonly SharedStep[] {
  const own: SharedStep[] = [];
  const visit = (node: Program): void => {
    if (node.type === 'step' && !SHARED_STEPS.some(({ name }) => name === node.step))
      own.push({ name: node.step, maxRetries: 1, backoff: '50ms' });
    childrenOf(node).forEach(visit);
  };
  visit(program);
  return [...SHARED_STEPS, ...own];
}

/** What a step does besides what it returns. */
export interface StepWorld {
  onAttempt(context: StepContext): void;
  /** Whether this attempt of a step that kills is one of those that do; if so, the process is gone. */
  isKilledBy(node: StepNode, context: StepContext): boolean;
  /** Resolves after `ms`, in the process that the step runs in. */
  delay(ms: number): Promise<void>;
}

export function stepDefinition(
  { name, maxRetries, backoff, timeoutMs, pauses, local = false }: SharedStep,
  world: StepWorld,
): StepDefinition {
  return {
    name,
    retry: retryPolicy({ maxRetries, backoff }),
    ...(timeoutMs === undefined ? undefined : { timeoutMs }),
    local,
    onExhausted: pauses ? 'pause' : 'fail',
    invoke: async ([node, input]) => {
      const context = getCurrentContext() as StepContext;
      world.onAttempt(context);
      if (world.isKilledBy(node as StepNode, context)) await new Promise(() => {});
      await world.delay((node as StepNode).ms);
      if ((node as StepNode).doomed === 'hangs') await new Promise(() => {});
      return stepResult(node as StepNode, input as number, context.attempt);
    },
  };
}

/** What an attempt comes to; a pure function of the call. */
export function stepResult(node: StepNode, input: number, attempt: number): number {
  if (node.doomed === 'fatal') throw new FatalError(`step at ${node.position} is doomed`);
  if (node.doomed === 'fails' || attempt <= node.failures) throw new SimulatedError(`step at ${node.position} failed`);
  return mix(input, node.position);
}
