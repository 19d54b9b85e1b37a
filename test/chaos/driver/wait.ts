export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until something is found. @throws an error with the fault if it does not come in time */
export async function waitFor<T>(
  find: () => T | undefined | false | Promise<T | undefined | false>,
  fault: string | (() => string),
  timeoutMs: number,
): Promise<T> {
  for (const deadline = Date.now() + timeoutMs; ;) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(typeof fault === 'string' ? fault : fault());
    await pause(50);
  }
}

/** Waits until something is so, as long as a figure changes. @throws an error with the fault if it stays the same for too long */
export async function waitWhileGrowing(
  isSo: () => boolean,
  figure: () => number,
  fault: () => string,
  patienceMs: number,
): Promise<void> {
  for (let last = figure(), since = Date.now(); !isSo(); await pause(50)) {
    const now = figure();
    if (now !== last) [last, since] = [now, Date.now()];
    else if (Date.now() - since > patienceMs) throw new Error(fault());
  }
}
