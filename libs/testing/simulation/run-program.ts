import { hash } from './random.js';
import type { HookNode, InboxNode, OrdinaryNode, Program, RoundsNode, SideEffectNode, StepNode } from './program.js';

/** What the world delivers to hooks. Programs use the value only. */
export interface HookPayload {
  readonly value: number;
  readonly deliveryId: string;
}

/** A hook of many payloads. */
export type Inbox = AsyncIterable<HookPayload>;

/** What a program is made of. The engine, the reference and the plain interpreter each have their own. */
export interface Primitives {
  step(node: StepNode, input: number): Promise<number>;
  sleep(ms: number): Promise<unknown>;
  hook(node: HookNode): PromiseLike<HookPayload>;
  inbox(node: InboxNode): Inbox;
  ordinary(node: OrdinaryNode, input: number): Promise<void>;
  sideEffect(node: SideEffectNode): Promise<number>;
  checkpoint(state: object, name: string): Promise<void>;
  random(): number;
  uuid(): string;
  now(): number;
  race(contestants: readonly Promise<unknown>[]): Promise<unknown>;
  timeout(promise: Promise<number>, ms: number): Promise<number>;
  parallel(items: readonly number[], fn: (item: number) => Promise<number>, concurrency: number): Promise<number[]>;
  /** Protects from interruptions what is done with the primitives that it hands out. */
  shield(body: (inside: Primitives) => Promise<number>): Promise<number>;
}

/** What generated steps and programs fail with. */
export class SimulatedError extends Error {
  override readonly name = 'SimulatedError';
}

/** Runs a program. Any caller gets the same order of microtasks from it, as long as its primitives have it. */
export async function runProgram(program: Program, input: number, on: Primitives): Promise<number> {
  switch (program.type) {
    case 'step':
      return on.step(program, input);
    case 'hook':
      return mix(input, (await on.hook(program)).value);
    case 'inbox':
      return readInbox(program, input, on);
    case 'ordinary':
      await on.ordinary(program, input);
      return runProgram(program.then, input, on);
    case 'sideEffect':
      return mix(input, await on.sideEffect(program));
    case 'sleep':
      await on.sleep(program.ms);
      return mix(input, program.ms);
    case 'random':
      return mix(input, Math.floor(on.random() * 1_000));
    case 'uuid':
      return mix(input, hash(on.uuid()));
    case 'now':
      return mix(input, on.now());
    case 'throw':
      throw new SimulatedError(`thrown at ${program.position}`);
    default:
      return runCompound(program, input, on);
  }
}

type Compound = Exclude<
  Program,
  { type: 'step' | 'hook' | 'inbox' | 'ordinary' | 'sideEffect' | 'sleep' | 'random' | 'uuid' | 'now' | 'throw' }
>;

async function runCompound(program: Compound, input: number, on: Primitives): Promise<number> {
  switch (program.type) {
    case 'sequence':
      return runAll(program.nodes, input, on);
    case 'branch':
      return runProgram(input % 2 === 0 ? program.even : program.odd, input, on);
    case 'loop':
      return runAll(Array<Program>(program.times).fill(program.body), input, on);
    case 'all':
      return mixAll(input, await Promise.all(start(program.branches, input, on)));
    case 'allSettled':
      return mixAll(input, (await Promise.allSettled(start(program.branches, input, on))).map(settledValue));
    case 'any':
      return Promise.any(start(program.branches, input, on));
    case 'race':
      return Promise.race(start(program.branches, input, on));
    case 'ourRace':
      return mix(input, Number((await on.race(startWithTimers(program.branches, input, on))) ?? 17));
    case 'timeout':
      return on.timeout(runProgram(program.body, input, on), program.ms);
    case 'parallel': {
      const items = Array.from({ length: program.items }, (_, index) => mix(input, index));
      return mixAll(input, await on.parallel(items, (item) => runProgram(program.body, item, on), program.concurrency));
    }
    case 'held': {
      const helper = runProgram(program.helper, input, on);
      const value = await runProgram(program.body, input, on);
      return mix(value, await helper);
    }
    case 'rounds':
      return runRounds(program, input, on);
    case 'shield':
      return on.shield((inside) => runProgram(program.body, input, inside));
    case 'try':
      return runTry(program, input, on);
  }
}

async function runRounds({ position, times, inbox, body }: RoundsNode, input: number, on: Primitives): Promise<number> {
  const payloads = inbox && on.inbox(inbox)[Symbol.asyncIterator]();
  const state = { round: 0, value: input };
  try {
    while (state.round < times) {
      await on.checkpoint(state, `rounds${position}`);
      state.round += 1;
      if (payloads) state.value = mix(state.value, ((await payloads.next()).value as HookPayload).value);
      state.value = await runProgram(body, state.value, on);
    }
    return state.value;
  } finally {
    await payloads?.return?.();
  }
}

async function runAll(nodes: readonly Program[], input: number, on: Primitives): Promise<number> {
  let value = input;
  for (const node of nodes) value = await runProgram(node, value, on);
  return value;
}

async function runTry(program: Extract<Program, { type: 'try' }>, input: number, on: Primitives): Promise<number> {
  let value = input;
  try {
    value = await runProgram(program.body, input, on);
  } catch (error) {
    if (!program.handler) throw error;
    value = await runProgram(program.handler, mix(input, errorValue(error)), on);
  } finally {
    if (program.finalizer) await runProgram(program.finalizer, input, on);
  }
  return value;
}

async function readInbox(node: InboxNode, input: number, on: Primitives): Promise<number> {
  let value = input;
  let left = node.count;
  for await (const payload of on.inbox(node)) {
    value = mix(value, payload.value);
    if (--left === 0) break;
  }
  return value;
}

function start(branches: readonly Program[], input: number, on: Primitives): Promise<number>[] {
  return branches.map((branch, index) => runProgram(branch, mix(input, index), on));
}

/** Timers come as themselves, so that the losing ones can be dropped. */
function startWithTimers(branches: readonly Program[], input: number, on: Primitives): Promise<unknown>[] {
  return branches.map((branch, index) =>
    branch.type === 'sleep' ? on.sleep(branch.ms) : runProgram(branch, mix(input, index), on),
  );
}

/** What a program has computed so far and something new. */
export function mix(value: number, other: number): number {
  return (Math.imul(value, 31) + Math.imul(other % 999_983, 17) + 7) >>> 0;
}

function mixAll(input: number, values: readonly number[]): number {
  return values.reduce(mix, input);
}

function settledValue(result: PromiseSettledResult<number>): number {
  return result.status === 'fulfilled' ? result.value : errorValue(result.reason);
}

/** What a program makes of an error. */
export function errorValue(error: unknown): number {
  return hash(describeError(error));
}

/** The messages of the engine's errors are its own business, those of generated code are not. */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError) return `AggregateError(${error.errors.map(describeError).join()})`;
  if (!(error instanceof Error)) return String(error);
  return error.name === 'SimulatedError' ? `SimulatedError(${error.message})` : error.name;
}
