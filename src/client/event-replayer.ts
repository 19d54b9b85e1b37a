import { InvalidInputError } from '../../libs/core/index.js';
import { show } from '../checks/show.js';
import type { RunEvent } from './run-event.js';
import { RunRebuild } from './run-rebuild.js';
import type { RunSnapshot } from './run-snapshot.js';

/** An event, and what the run had come to after it. */
export interface ReplayedEvent {
  readonly event: RunEvent;
  readonly state: RunSnapshot;
}

/**
 * Rebuilds what a run had come to, from its events alone: for debugging, without running any of its code.
 *
 * @example
 * ```ts
 * const replayer = new EventReplayer(await client.getEvents(runId));
 * replayer.stateAt(12).steps; // the step calls as they stood after event 12
 * for (const { event, state } of replayer) console.log(event.sequence, event.type, state.status);
 * ```
 * @publicApi
 */
export class EventReplayer implements Iterable<ReplayedEvent> {
  private readonly events: readonly RunEvent[];

  /**
   * @param events the history of a run, from its first event on
   * @throws InvalidInputError if events are missing
   */
  constructor(events: readonly RunEvent[]) {
    if (!Array.isArray(events)) {
      throw new InvalidInputError(`EventReplayer takes the events that getEvents() gives; this is ${show(events)}.`);
    }
    this.events = [...(events as readonly RunEvent[])];
    let end = 0;
    for (const event of this.events) {
      if (!isEvent(event) || firstOf(event) !== end + 1) {
        throw new InvalidInputError(
          `EventReplayer needs the events of one run from the first on, without a gap: event ${end + 1} is missing.`,
        );
      }
      end = event.sequence;
    }
  }

  /** What the run has come to. */
  get state(): RunSnapshot {
    return this.stateAt(this.end);
  }

  /**
   * What the run had come to after an event; 0 is before the first.
   *
   * @throws InvalidInputError if there is no such event, or it was compacted
   */
  stateAt(sequence: number): RunSnapshot {
    if (!Number.isInteger(sequence) || sequence < 0 || sequence > this.end) {
      throw new InvalidInputError(`There is no event ${show(sequence)}: the history has ${this.end}.`);
    }
    const run = new RunRebuild();
    for (const event of this.events) {
      if (event.sequence <= sequence) run.apply(event);
      else if (firstOf(event) <= sequence) throw compactedError(sequence, event);
      else break;
    }
    return run.snapshot();
  }

  private get end(): number {
    return this.events.at(-1)?.sequence ?? 0;
  }

  *[Symbol.iterator](): Generator<ReplayedEvent, void, undefined> {
    const run = new RunRebuild();
    for (const event of this.events) {
      run.apply(event);
      yield { event, state: run.snapshot() };
    }
  }
}

function isEvent(event: RunEvent): boolean {
  if (!Number.isInteger(event?.sequence) || typeof event.type !== 'string') return false;
  return typeof event.attributes === 'object' && event.attributes !== null;
}

/** The sequence of the first event that it stands for. */
function firstOf({ type, sequence, attributes }: RunEvent): number {
  return type === 'history.compacted' ? (attributes['from'] as number) : sequence;
}

function compactedError(sequence: number, event: RunEvent): InvalidInputError {
  const [before, after] = [firstOf(event) - 1, event.sequence];
  return new InvalidInputError(
    `Event ${sequence} was compacted with those around it: ask for the state after event ${before} or ${after}.`,
  );
}
