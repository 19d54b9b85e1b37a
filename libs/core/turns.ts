// Taken at load time: a test that fakes the timers must not stop the engine.
const { nextTick } = process;
const immediate = setImmediate;

/**
 * Resolves once every promise that could settle has settled: Node runs the tick queue after the microtasks.
 * Before them, though, right behind a callback of the event loop; so the tick is asked for by a microtask.
 */
export async function drainMicrotasks(): Promise<void> {
  await undefined;
  return new Promise((resolve) => nextTick(resolve));
}

/** Resolves after a full turn of the event loop. */
export function macrotaskTurn(): Promise<void> {
  return new Promise((resolve) => immediate(resolve));
}
