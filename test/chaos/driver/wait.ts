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
