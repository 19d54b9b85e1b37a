// Taken at load time: a test that fakes the timers must not stop the engine.
const { nextTick } = process;
const immediate = setImmediate;

const settled = Promise.resolve();

/**
 * Calls back once every promise that could settle has settled: Node runs the tick queue after the microtasks.
 * Before them, though, right behind a callback of the event loop; so the tick is asked for by a microtask.
 *
 * @param callback must not throw
 */
export function afterMicrotasks(callback: () => void): void {
  void settled.then(() => nextTick(callback));
}

let together: (() => void)[] | undefined;

/** As `afterMicrotasks`, for callbacks that may follow each other at once: those asked for until then share a tick. */
export function afterMicrotasksTogether(callback: () => void): void {
  if (together) return void together.push(callback);
  const callbacks = [callback];
  together = callbacks;
  void settled.then(() => {
    together = undefined;
    nextTick(callAll, callbacks);
  });
}

function callAll(callbacks: readonly (() => void)[]): void {
  for (const callback of callbacks) callback();
}

/** Resolves once every promise that could settle has settled. */
export function drainMicrotasks(): Promise<void> {
  return new Promise((resolve) => afterMicrotasksTogether(resolve));
}

/** Calls back after a full turn of the event loop. */
export function afterMacrotaskTurn(callback: () => void): void {
  immediate(callback);
}

/** Resolves after a full turn of the event loop. */
export function macrotaskTurn(): Promise<void> {
  return new Promise((resolve) => afterMacrotaskTurn(resolve));
}
