import type { AttemptCounts, HistoryCompacted, HistoryEvent } from './history-event.js';
import { RareMap } from './rare-map.js';

type Counter = keyof AttemptCounts;

/** An event that tells how an attempt has ended. */
interface AttemptEvent {
  readonly id: string;
  readonly sequence: number;
  readonly at: number;
  readonly counter: Counter;
}

/**
 * The attempts of step calls that later events have superseded, so that a replay can do without them.
 *
 * C1. They are events that the code never sees: replay takes nothing else from them but the state of their step call.
 *     `step.exhausted` halts the run as well, and stays.
 * C2. What a call's latest event says, such as when the next attempt may begin, counts until the call has its outcome.
 *     What earlier ones say is a number of attempts, which the event in their place keeps.
 */
export class SupersededAttempts {
  private superseded: AttemptEvent[] = [];
  /** Of the calls without an outcome: the event that counts still. */
  private readonly latest = new RareMap<string, AttemptEvent>();

  get count(): number {
    return this.superseded.length;
  }

  apply(event: HistoryEvent): void {
    switch (event.type) {
      case 'step.retrying':
        return this.supersede(event, 'failures');
      case 'step.lost':
        return this.supersede(event, event.attributes.handedBack ? 'handedBack' : 'lost');
      case 'step.completed':
      case 'step.failed':
      case 'step.cancelled':
        this.retire(event.id);
    }
  }

  /** The events that take the place of those up to a sequence, one for each gap that they leave. */
  compact(through: number): readonly HistoryCompacted[] {
    const events = this.superseded
      .filter(({ sequence }) => sequence <= through)
      .sort((a, b) => a.sequence - b.sequence);
    const ranges: AttemptEvent[][] = [];
    for (const event of events) {
      const range = ranges.at(-1);
      if (range?.at(-1)?.sequence === event.sequence - 1) range.push(event);
      else ranges.push([event]);
    }
    return ranges.map(compacted);
  }

  /** They are compacted. */
  forget(through: number): void {
    this.superseded = this.superseded.filter(({ sequence }) => sequence > through);
  }

  private supersede({ id, sequence, at }: Omit<AttemptEvent, 'counter'>, counter: Counter): void {
    this.retire(id);
    this.latest.set(id, { id, sequence, at, counter });
  }

  private retire(id: string): void {
    const event = this.latest.get(id);
    if (!event) return;
    this.latest.delete(id);
    this.superseded.push(event);
  }
}

function compacted(range: readonly AttemptEvent[]): HistoryCompacted {
  const last = range.at(-1)!;
  const calls: Record<string, Record<Counter, number>> = {};
  for (const { id, counter } of range) {
    const counts = (calls[id] ??= { failures: 0, lost: 0, handedBack: 0 });
    counts[counter] += 1;
  }
  return {
    type: 'history.compacted',
    sequence: last.sequence,
    at: last.at,
    attributes: { from: range[0]!.sequence, calls },
  };
}
