/** A step that nobody has run yet may take long. */
const UNKNOWN_MS = 1_000;
/** What is left of an estimate with each attempt that is quicker. */
const FADING = 0.9;

/**
 * How long attempts of each step will run, by those that have ended: as long as the slowest ones lately.
 *
 * One slow attempt counts for dozens of quick ones, since its kind is what others would wait for.
 */
export class StepPace {
  private readonly estimates = new Map<string, number>();

  /** An attempt has run for so long. */
  note(step: string, tookMs: number): void {
    this.estimates.set(step, Math.max(tookMs, this.expectedMs(step) * FADING));
  }

  expectedMs(step: string): number {
    return this.estimates.get(step) ?? UNKNOWN_MS;
  }
}
