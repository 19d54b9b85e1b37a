import { type Outcome, failureOf } from './outcome.js';
import type { Program, RoundsNode, StepNode } from './program.js';
import { errorValue, mix, SimulatedError } from './run-program.js';
import { stepResult } from './steps.js';

/**
 * What a program comes to, computed by plain function calls: no promises, no time, no history, no retries.
 *
 * @returns undefined if that depends on who is first, or on what only the world knows
 */
export function plainOutcome(program: Program, input: number): Outcome | undefined {
  try {
    return { type: 'completed', value: evaluate(program, input) };
  } catch (error) {
    return error instanceof Undetermined ? undefined : failureOf(error);
  }
}

/** What every payload for the hook at a position says. */
export function hookValue(position: number): number {
  return position * 101;
}

/** Thrown through the whole program, since no plain call can tell what it comes to. */
class Undetermined extends Error {}

function evaluate(program: Program, input: number): number {
  switch (program.type) {
    case 'step':
      return evaluateStep(program, input);
    case 'hook':
      if (program.token !== undefined) throw new Undetermined();
      if (!program.isDelivered) throw named('HookExpiredError');
      if (program.timeoutMs !== undefined) throw new Undetermined();
      return mix(input, hookValue(program.position));
    case 'inbox':
      if (program.timeoutMs !== undefined) throw new Undetermined();
      return Array<number>(program.count).fill(hookValue(program.position)).reduce(mix, input);
    case 'ordinary':
      return evaluate(program.then, input);
    case 'sleep':
      return mix(input, program.ms);
    case 'sideEffect':
      if (program.fails) throw new SimulatedError(`side effect at ${program.position} failed`);
      throw new Undetermined();
    case 'throw':
      throw new SimulatedError(`thrown at ${program.position}`);
    case 'sequence':
      return program.nodes.reduce((value, node) => evaluate(node, value), input);
    case 'branch':
      return evaluate(input % 2 === 0 ? program.even : program.odd, input);
    case 'loop':
      return Array<Program>(program.times)
        .fill(program.body)
        .reduce((value, node) => evaluate(node, value), input);
    case 'rounds':
      return evaluateRounds(program, input);
    case 'shield':
      return evaluate(program.body, input);
    case 'try':
      return evaluateTry(program, input);
    case 'held':
      return evaluateHeld(program, input);
    case 'all':
    case 'allSettled':
    case 'any':
      return combine(
        program.type,
        input,
        program.branches.map((branch, index) => attempt(branch, mix(input, index))),
      );
    case 'parallel':
      return combine(
        'all',
        input,
        Array.from({ length: program.items }, (_, index) => attempt(program.body, mix(input, index))),
      );
    default:
      throw new Undetermined();
  }
}

function evaluateStep(node: StepNode, input: number): number {
  if (node.doomed === 'hangs') throw named('WorkflowTimeoutError');
  // Any attempt of it may time out when its process stands still.
  if (node.step === 'limited') throw new Undetermined();
  return stepResult(node, input, Infinity);
}

function evaluateRounds({ times, inbox, body }: RoundsNode, input: number): number {
  let value = input;
  for (let round = 0; round < times; round++) {
    if (inbox?.timeoutMs !== undefined) throw new Undetermined();
    value = evaluate(body, inbox ? mix(value, hookValue(inbox.position)) : value);
  }
  return value;
}

function evaluateTry({ body, handler, finalizer }: Extract<Program, { type: 'try' }>, input: number): number {
  try {
    return evaluate(body, input);
  } catch (error) {
    if (!handler || error instanceof Undetermined) throw error;
    return evaluate(handler, mix(input, errorValue(error)));
  } finally {
    if (finalizer) evaluate(finalizer, input);
  }
}

function evaluateHeld({ helper, body }: Extract<Program, { type: 'held' }>, input: number): number {
  const held = attempt(helper, input);
  const value = evaluate(body, input);
  if ('error' in held) throw held.error;
  return mix(value, held.value);
}

type Attempt = { readonly value: number } | { readonly error: unknown };

function attempt(program: Program, input: number): Attempt {
  try {
    return { value: evaluate(program, input) };
  } catch (error) {
    if (error instanceof Undetermined) throw error;
    return { error };
  }
}

function combine(combinator: 'all' | 'allSettled' | 'any', input: number, attempts: readonly Attempt[]): number {
  const errors = attempts.flatMap((result) => ('error' in result ? [result.error] : []));
  const values = attempts.flatMap((result) => ('value' in result ? [result.value] : []));
  switch (combinator) {
    case 'allSettled':
      return attempts.map((result) => ('value' in result ? result.value : errorValue(result.error))).reduce(mix, input);
    case 'all':
      if (errors.length > 1) throw new Undetermined();
      if (errors.length === 1) throw errors[0];
      return values.reduce(mix, input);
    case 'any':
      if (values.length > 1) throw new Undetermined();
      if (values.length === 0) throw new AggregateError(errors);
      return values[0]!;
  }
}

function named(name: string): Error {
  return Object.assign(new Error(name), { name });
}
