import type { Payload } from './history-event.js';
import type { Codec } from './ports/codec.js';

export interface RecordedEffect {
  readonly payload: Payload;
  readonly attributes?: { readonly failed: true };
}

/** Runs a side effect, and gives what is to be recorded of it: what it gave or threw, or why that cannot be stored. */
export async function recordEffect(effect: () => unknown, codec: Codec): Promise<RecordedEffect> {
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
