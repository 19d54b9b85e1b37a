import type { Codec, HistoryEvent } from '../../core/index.js';
import { describeError } from './run-program.js';

/** How a program ends. */
export type Outcome =
  | { readonly type: 'completed'; readonly value: number }
  | { readonly type: 'failed' | 'cancelled'; readonly error: string };

export async function outcomeOf(running: Promise<number>): Promise<Outcome> {
  try {
    return { type: 'completed', value: await running };
  } catch (error) {
    return failureOf(error);
  }
}

export function failureOf(error: unknown): Outcome {
  const name = describeError(error);
  return { type: name === 'WorkflowCancelledError' ? 'cancelled' : 'failed', error: name };
}

export function showOutcome(outcome: Outcome): string {
  return outcome.type === 'completed' ? `completed with ${outcome.value}` : `${outcome.type} with ${outcome.error}`;
}

/** How a run has ended, by its last event. */
export function recordedOutcome(events: readonly HistoryEvent[], codec: Codec): Outcome | undefined {
  const last = events.at(-1);
  switch (last?.type) {
    case 'workflow.completed':
      return { type: 'completed', value: codec.decode(last.payload) as number };
    case 'workflow.failed':
      return { ...failureOf(codec.decode(last.payload)), type: 'failed' } as Outcome;
    case 'workflow.cancelled':
      return { ...failureOf(codec.decode(last.payload)), type: 'cancelled' } as Outcome;
    default:
      return undefined;
  }
}
