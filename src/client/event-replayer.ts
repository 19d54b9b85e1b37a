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
    const missing = this.events.findIndex((event, index) => !isEvent(event, index + 1));
    if (missing < 0) return;
    throw new InvalidInputError(
      `EventReplayer needs the events of one run from the first on, without a gap: event ${missing + 1} is missing.`,
    );
  }

  /** What the run has come to. */
  get state(): RunSnapshot {
    return this.stateAt(this.events.length);
  }

  /** What the run had come to after an event; 0 is before the first. */
  stateAt(sequence: number): RunSnapshot {
    if (!Number.isInteger(sequence) || sequence < 0 || sequence > this.events.length) {
      throw new InvalidInputError(`There is no event ${show(sequence)}: the history has ${this.events.length}.`);
    }
    const run = new RunRebuild();
    for (const event of this.events.slice(0, sequence)) run.apply(event);
    return run.snapshot();
  }

  *[Symbol.iterator](): Generator<ReplayedEvent, void, undefined> {
    const run = new RunRebuild();
    for (const event of this.events) {
      run.apply(event);
      yield { event, state: run.snapshot() };
    }
  }
}

function isEvent(event: RunEvent, sequence: number): boolean {
  if (event?.sequence !== sequence || typeof event.type !== 'string') return false;
  return typeof event.attributes === 'object' && event.attributes !== null;
}
