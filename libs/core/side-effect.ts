import type { Command, Payload } from './history-event.js';
import type { Codec } from './ports/codec.js';
import { RareMap } from './rare-map.js';

interface RecordedEffect {
  readonly payload: Payload;
  readonly attributes?: { readonly failed: true };
}

/** The side effects of a run: each runs once, when the history turns out not to hold it. */
export class SideEffects {
  /** How many run just now. */
  running = 0;
  /** Those that the history may hold. */
  private readonly postponed = new RareMap<string, () => void>();

  constructor(
    private readonly codec: Codec,
    private readonly issue: (command: Command) => void,
  ) {}

  postpone(id: string, effect: () => unknown): void {
    this.postponed.set(id, () => void this.run(id, effect));
  }

  /** Forgets one that the history holds. @returns false if the code has not asked for it */
  forget(id: string): boolean {
    return this.postponed.delete(id);
  }

  /** The history has no more to say. */
  runPostponed(): void {
    for (const run of this.postponed.values()) run();
    this.postponed.clear();
  }

  async run(id: string, effect: () => unknown): Promise<void> {
    this.running += 1;
    const recorded = await recordEffect(effect, this.codec);
    this.running -= 1;
    this.issue({ type: 'side_effect.recorded', id, ...recorded });
  }

  clear(): void {
    this.postponed.clear();
  }
}

/** Runs a side effect, and gives what is to be recorded of it: what it gave or threw, or why that cannot be stored. */
async function recordEffect(effect: () => unknown, codec: Codec): Promise<RecordedEffect> {
  try {
    return { payload: codec.encode(await effect(), 'result') };
  } catch (error) {
    return { payload: encodeError(error, codec), attributes: { failed: true } };
  }
}

/** What cannot be stored is an error as well, that says what is wrong about it. */
export function encodeError(error: unknown, codec: Codec): Payload {
  try {
    return codec.encode(error);
  } catch (unstorable) {
    return codec.encode(unstorable);
  }
}
