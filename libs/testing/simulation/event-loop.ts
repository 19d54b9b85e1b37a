// Taken at load time, as the engine's is.
const immediate = setImmediate;

/** After so many turns of the event loop without activity there is none to come. The engine rests for three at most. */
const IDLE_TURNS = 5;

/** Lets the event loop come to rest between two events of the simulated world. */
export class EventLoop {
  private activities = 0;
  private rested = 0;

  /** Somebody does something, and may do more. */
  stir(): void {
    this.activities += 1;
  }

  async settle(): Promise<void> {
    await turn();
    if (this.rested === this.activities) return;
    for (let idle = 0; idle < IDLE_TURNS; idle++) {
      if (this.rested !== this.activities) idle = 0;
      this.rested = this.activities;
      await turn();
    }
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => immediate(resolve));
}
