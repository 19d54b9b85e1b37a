import type { HistoryCompacted, HistoryEvent } from './history-event.js';
import { SupersededAttempts } from './superseded-attempts.js';
import { SupersededRounds } from './superseded-rounds.js';

/** The events of a run that later ones have superseded, and what has been put into the place of such events. */
export class SupersededEvents {
  private readonly attempts = new SupersededAttempts();
  private readonly rounds = new SupersededRounds();
  /** What is in the place of others in the history. */
  private compacted: HistoryCompacted[] = [];
  /** How many events the history has had and does not hold. */
  gone = 0;

  get count(): number {
    return this.attempts.count + this.rounds.count;
  }

  apply(event: HistoryEvent): void {
    if (event.type === 'history.compacted') this.replace(event);
    this.attempts.apply(event);
    this.rounds.apply(event);
  }

  /** The events that take the place of those up to a sequence, one for each gap that they leave. */
  compact(through: number): readonly HistoryCompacted[] {
    const rounds = this.rounds.compact(through);
    const attempts = this.attempts.compact(through).filter((event) => !rounds.some((range) => holds(range, event)));
    return [...rounds, ...attempts].sort((a, b) => a.sequence - b.sequence);
  }

  /** They are compacted. */
  forget(through: number, compacts: readonly HistoryCompacted[]): void {
    this.attempts.forget(through);
    this.rounds.forget(through);
    for (const event of compacts) this.replace(event);
  }

  private replace(event: HistoryCompacted): void {
    // Only rounds hold what was compacted before.
    if (event.attributes.checkpoint !== undefined) {
      for (const range of this.compacted) if (holds(event, range)) this.gone -= goneFor(range);
      this.compacted = this.compacted.filter((range) => !holds(event, range));
    }
    this.compacted.push(event);
    this.gone += goneFor(event);
  }
}

function holds(outer: HistoryCompacted, inner: HistoryCompacted): boolean {
  return outer.attributes.from <= inner.attributes.from && inner.sequence <= outer.sequence;
}

/** How many fewer events there are for it. */
function goneFor({ sequence, attributes }: HistoryCompacted): number {
  return sequence - attributes.from;
}
