import type { Payload } from '../history-event.js';

/** Values to stored text and back. */
export interface Codec {
  /**
   * @param label what the path of a culprit begins with, such as `args`
   * @throws if the value cannot be stored, naming the path of the culprit.
   */
  encode(value: unknown, label?: string): Payload;
  /** @throws if the text is not one that `encode` wrote. Gives a fresh value each time, and never executes anything. */
  decode(payload: Payload): unknown;
  /**
   * One text for all payloads of values that differ only in the order of the keys of objects, or in keys that are
   * undefined. The order of lists, Maps and Sets counts. Never throws; not for `decode`.
   */
  canonical(payload: Payload): string;
}

/** What a run's random values are derived from: the same calls in the same order give the same values. */
export interface Entropy {
  /** 0 inclusive to 1 exclusive. */
  random(): number;
  randomUUID(): string;
  /** Gives other values from now on, which depend on nothing but the run's seed, this text, and the calls that follow. */
  reseed(from: string): void;
  /** An unguessable token for a hook: depends on nothing but the run's seed and the hook's id. */
  token(hookId: string): string;
}
