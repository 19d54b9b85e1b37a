import {
  callStep,
  checkpoint,
  createHook,
  now,
  parallel,
  race,
  random,
  randomUUID,
  shield,
  sideEffect,
  sleep,
  timeout,
} from '../../runtime/index.js';
import type { OrdinaryNode } from './program.js';
import type { HookPayload, Primitives } from './run-program.js';
import { SimulatedError } from './run-program.js';

/** What workflow code can do in the process that it runs in. */
export interface WorkflowWorld {
  /** Something that is not durable. */
  ordinary(node: OrdinaryNode): Promise<void>;
  /** What a side effect of that length gives: a number that nobody had before. */
  sideEffect(ms: number): Promise<number>;
}

/** The primitives of this library. */
export function enginePrimitives(world: WorkflowWorld): Primitives {
  const primitives: Primitives = {
    step: (node, input) => callStep(node.step, [node, input], () => undefined) as Promise<number>,
    sleep: (milliseconds) => sleep({ milliseconds }),
    hook: ({ position, timeoutMs, token }) =>
      createHook<HookPayload>({ name: `hook${position}`, ...timeoutOf(timeoutMs), ...(token ? { token } : undefined) }),
    inbox: ({ position, timeoutMs }) =>
      createHook<HookPayload>({ name: `inbox${position}`, multiple: true, ...timeoutOf(timeoutMs) }),
    ordinary: (node) => world.ordinary(node),
    sideEffect: ({ position, ms, fails }) =>
      sideEffect(async () => {
        const value = await world.sideEffect(ms);
        if (fails) throw new SimulatedError(`side effect at ${position} failed`);
        return value;
      }),
    checkpoint: (state, name) => checkpoint(state, { name }),
    random,
    uuid: randomUUID,
    now: () => now().getTime(),
    race: (contestants) => race(contestants),
    timeout: (promise, milliseconds) => timeout(promise, { milliseconds }),
    parallel: (items, fn, concurrency) => parallel(items, fn, { concurrency }),
    shield: (body) => shield(() => body(primitives)),
  };
  return primitives;
}

function timeoutOf(milliseconds: number | undefined) {
  return milliseconds === undefined ? undefined : { timeout: { milliseconds } };
}
