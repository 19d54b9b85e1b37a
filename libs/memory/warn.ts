/** Says on stderr what went wrong, for want of a logger. */
export function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
