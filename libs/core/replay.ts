import { describeCommand } from './command-log.js';
import { NonDeterminismError } from './errors.js';
import type { Execution } from './execution.js';
import {
  type CommandEvent,
  type HistoryCompacted,
  type HistoryEvent,
  isAnsweredEvent,
  isCommandEvent,
  isOutcomeEvent,
} from './history-event.js';
import type { RunState } from './run-state.js';
import { afterMicrotasks, drainMicrotasks } from './turns.js';

/**
 * How long to wait for code that has not yet asked for what its history says it did, because it awaits something ordinary.
 *
 * @param tries how often it has been asked about the same event
 * @returns false when it is time to give up
 */
export type Patience = (tries: number) => Promise<boolean>;

/** A history in pages, in order: one page is let go before the next but one is needed. */
export type HistoryPages = Iterable<readonly HistoryEvent[]> | AsyncIterable<readonly HistoryEvent[]>;

/**
 * Takes an execution through recorded events.
 *
 * R1. Outcomes are applied in history order, one at a time, with the microtasks drained between.
 * R2. Before an outcome is applied the code has issued every command recorded before it, so ordinary awaits cannot swap them.
 *
 * @throws NonDeterminismError if the code does not ask for what was recorded.
 */
export async function replay(
  execution: Execution,
  state: RunState,
  pages: HistoryPages,
  patience: Patience,
): Promise<void> {
  await drainMicrotasks();
  const code: Code = { execution, patience, hasChanged: false };
  for await (const page of pages) await replayPage(code, state, page);
}

/** How often to look again for a command with the recorded arguments, before one with others is taken for it. */
const TRIES_FOR_SAME_ARGUMENTS = 5;

interface Code {
  readonly execution: Execution;
  readonly patience: Patience;
  /** A step was asked for with other arguments than the recorded ones for as long as patience goes. */
  hasChanged: boolean;
}

/** Calls itself back: a loop that awaits would make three promises for each outcome, of which there are thousands. */
function replayPage(code: Code, state: RunState, page: readonly HistoryEvent[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const { execution } = code;
    let next = 0;
    const goOn = (): void => {
      try {
        while (next < page.length) {
          const event = page[next++]!;
          state.apply(event);
          const isOutcome = isOutcomeEvent(event);
          const isSeen = isOutcome || isAnsweredEvent(event);
          if (isOutcome) execution.apply(event);
          // Nearly always the code has asked for it by now, and a wait for nothing costs more than the look.
          else if ((isCommandEvent(event) || event.type === 'history.compacted') && !execution.match(event))
            return void match(code, event).then(() => (isSeen ? afterMicrotasks(goOn) : goOn()), reject);
          if (isSeen) return afterMicrotasks(goOn);
        }
        resolve();
      } catch (error) {
        reject(error as Error);
      }
    };
    goOn();
  });
}

/** Waits until the code asks for a command that it has not asked for yet. */
async function match(code: Code, event: CommandEvent | HistoryCompacted): Promise<void> {
  const { execution, patience } = code;
  // When a timer fires moves with each ordinary await before it.
  const mayDiffer = code.hasChanged || event.type === 'sleep.started';
  for (let tries = 0; !execution.match(event, mayDiffer && tries > TRIES_FOR_SAME_ARGUMENTS); tries++) {
    await drainMicrotasks();
    if (execution.match(event)) break;
    if (await patience(tries)) continue;
    if (execution.match(event, true)) {
      code.hasChanged = true;
      break;
    }
    const { issued, location } = execution.log.describeUnmatched();
    throw new NonDeterminismError(event.sequence, describeCommand(event), issued, location);
  }
}
