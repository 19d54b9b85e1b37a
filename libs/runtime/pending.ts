import { dueOutcomes, type EventDraft, type InboxMessage, type RunState, type TimedOutcome } from '../core/index.js';

/** What a run has been told and has not been given yet. */
export interface PendingDraft {
  /** When it came about. */
  readonly at: number;
  readonly draft: EventDraft;
  /** Its inbox row. */
  readonly key?: string;
}

/** Either outcomes to go on with, or one that must be committed before the code sees it. */
export interface NextWork {
  readonly drafts: readonly PendingDraft[];
  readonly disputed?: PendingDraft;
}

/**
 * The messages of a run that wait for its next activation, in the order of their times.
 *
 * After an outage a step result that waits in the inbox beats a timer that was due later, and the other way round.
 */
export class Pending {
  private messages: PendingDraft[] = [];
  private readonly keys = new Set<string>();
  private latestInInbox = 0;

  constructor(inbox: readonly InboxMessage[]) {
    this.addInbox(inbox);
  }

  get isEmpty(): boolean {
    return this.messages.length === 0;
  }

  add(message: PendingDraft): void {
    this.messages.push(message);
  }

  /** Inbox rows keep their order, whatever the clocks of those who wrote them say. */
  addInbox(inbox: readonly InboxMessage[]): void {
    for (const { key, receivedAt, draft } of inbox) {
      if (this.keys.has(key)) continue;
      this.keys.add(key);
      this.latestInInbox = Math.max(this.latestInInbox, receivedAt);
      this.messages.push({ at: this.latestInInbox, draft, key });
    }
  }

  /** What comes with these keys from now on is new. */
  forget(keys: readonly string[]): void {
    for (const key of keys) this.keys.delete(key);
  }

  /** Takes what comes next: all up to the first outcome that somebody may contest, or that one alone. */
  take(state: RunState, now: number): NextWork {
    const due = this.undecided(state.status === 'running' ? dueOutcomes(state, now) : []);
    if (due.length === 0) return { drafts: this.takeMessages() };
    const merged = [...this.messages, ...due].sort((a, b) => a.at - b.at);
    const disputed = merged.findIndex(({ draft }) => draft.type === 'hook.expired');
    if (disputed === 0) return { drafts: [], disputed: merged[0] };
    const drafts = disputed < 0 ? merged : merged.slice(0, disputed);
    const taken = new Set(drafts);
    this.messages = this.messages.filter((message) => !taken.has(message));
    return { drafts };
  }

  /** What a hook has accepted comes before its expiry, however late it came. */
  private undecided(due: readonly TimedOutcome[]): readonly TimedOutcome[] {
    if (due.length === 0) return due;
    const received = new Set(this.messages.flatMap(({ draft }) => (draft.type === 'hook.received' ? [draft.id] : [])));
    return due.filter(({ draft }) => draft.type !== 'hook.expired' || !received.has(draft.id));
  }

  private takeMessages(): readonly PendingDraft[] {
    const { messages } = this;
    this.messages = [];
    return messages.length > 1 ? messages.sort((a, b) => a.at - b.at) : messages;
  }
}

/** What leaves the inbox with a commit. */
export interface Consumption {
  /** Keys of inbox rows. */
  readonly consumes: readonly string[];
  /** Those of outcomes of attempts: a run takes one of each attempt, whether its key is known or not. */
  readonly forgets: readonly string[];
}

/** The inbox rows that these come from. */
export function consumptionOf(taken: readonly PendingDraft[]): Consumption {
  const consumes: string[] = [];
  const forgets: string[] = [];
  for (const { key, draft } of taken) {
    if (key === undefined) continue;
    consumes.push(key);
    if (draft.type.startsWith('step.')) forgets.push(key);
  }
  return { consumes, forgets };
}
