import type { Clock } from '../core/index.js';

/**
 * Runs that were executing when their process died, which may be what killed it: they go on one at a time.
 *
 * A suspect's turn is over when it has got on, waits, has ended or has survived for `turnMs`.
 */
export class SuspectLane {
  private readonly waiting = new Set<string>();
  private current: string | undefined;
  private disarm: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly turnMs: number,
    private readonly begin: (runId: string) => void,
  ) {}

  has(runId: string): boolean {
    return runId === this.current || this.waiting.has(runId);
  }

  add(runId: string): void {
    if (runId === this.current) return;
    this.waiting.add(runId);
    if (this.current === undefined) this.next();
  }

  /** The run is above suspicion, or gone. */
  clear(runId: string): void {
    this.waiting.delete(runId);
    if (runId === this.current) this.next();
  }

  stop(): void {
    this.waiting.clear();
    this.disarm?.();
  }

  private next(): void {
    this.disarm?.();
    const [runId] = this.waiting;
    this.current = runId;
    if (runId === undefined) return;
    this.waiting.delete(runId);
    this.disarm = this.clock.schedule(this.clock.now() + this.turnMs, () => this.next());
    this.begin(runId);
  }
}
