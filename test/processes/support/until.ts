/** Waits for something to be so. @throws an error with the fault if it does not come in time */
export async function until(isSo: () => boolean, fault: () => string, timeoutMs = 20_000): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; !isSo();) {
    if (Date.now() > deadline) throw new Error(fault());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
