// Taken at load time: a test that fakes the timers must not stop the engine.
const { nextTick } = process;
const immediate = setImmediate;

const settled = Promise.resolve();
let draining: Promise<void> | undefined;

/**
 * Calls back once every promise that could settle has settled: Node runs the tick queue after the microtasks.
 * Before them, though, right behind a callback of the event loop; so the tick is asked for by a microtask.
 *
 * @param callback must not throw
 */
export function afterMicrotasks(callback: () => void): void {
  void settled.then(() => nextTick(callback));
}

/** Resolves once every promise that could settle has settled. Whoever asks before the microtasks run waits for the same. */
export function drainMicrotasks(): Promise<void> {
  draining ??= new Promise((resolve) => {
    void settled.then(() => {
      draining = undefined;
      nextTick(resolve);
    });
  });
  return draining;
}

/** Resolves after a full turn of the event loop. */
export function macrotaskTurn(): Promise<void> {
  return new Promise((resolve) => immediate(resolve));
}
