import type { Codec, HistoryEvent } from '../../core/index.js';
import { type Outcome, recordedOutcome, showOutcome } from './outcome.js';
import type { Program } from './program.js';
import { Reference } from './reference.js';
import { asReference } from './rejections.js';

export interface Comparison {
  /** The history leaves open what comes next, so that there is nothing to compare. */
  readonly isUnknowable: boolean;
  readonly fault?: string | undefined;
}

/** Compares how a history ends with what the program comes to, given the outcomes in it. */
export async function compareWithReference(
  program: Program,
  history: readonly HistoryEvent[],
  codec: Codec,
): Promise<Comparison> {
  const reference = new Reference(codec);
  let fault: string | undefined;
  try {
    await asReference(async () => {
      for (const event of history) await reference.take(program, event);
    });
    fault = differenceBetween(recordedOutcome(history, codec), reference.outcome);
  } catch (error) {
    fault = `the reference disagrees: ${String(error)}`;
  }
  return reference.isUnknowable ? { isUnknowable: true } : { isUnknowable: false, fault };
}

function differenceBetween(recorded: Outcome | undefined, expected: Outcome | undefined): string | undefined {
  const [actual, reference] = [recorded, expected].map((outcome) => (outcome ? showOutcome(outcome) : 'not ended'));
  return actual === reference ? undefined : `it has ${actual}, but the reference ${reference}`;
}
