const QUIET_MS = 10_000;
const MOST_KINDS = 100;

/** Passes each kind of fault on once in ten seconds, for an outage makes every command fail in the same way. */
export class FaultLog {
  private readonly lastAt = new Map<string, number>();

  constructor(private readonly onError: (error: unknown) => void) {}

  report(error: unknown): void {
    const kind = kindOf(error);
    const now = performance.now();
    const last = this.lastAt.get(kind);
    if (last !== undefined && now - last < QUIET_MS) return;
    if (this.lastAt.size >= MOST_KINDS) this.lastAt.clear();
    this.lastAt.set(kind, now);
    this.onError(error);
  }
}

/** Its words without the ids that tell one from the other. */
function kindOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name} ${error.message}` : String(error);
  return text.replaceAll(/\S*\d\S*/g, '#').slice(0, 200);
}
