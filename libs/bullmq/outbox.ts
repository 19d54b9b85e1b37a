import type { RedisLink } from './redis-link.js';
import { TooManyMessagesError } from './errors.js';

/** What waits to be sent is a hint that the store can give again, so it must not fill the memory. */
const MOST_WAITING = 10_000;

/** Where messages go: a queue, or a list. */
export interface Destination<Message> {
  /** No two destinations have the same. */
  readonly name: string;
  /** Sends messages, by their keys. */
  send(messages: ReadonlyMap<string, Message>): Promise<void>;
}

interface Parcel {
  readonly destination: Destination<unknown>;
  readonly messages: Map<string, unknown>;
}

/** By the name of the destination. */
type Batch = Map<string, Parcel>;
/** By the name of the destination. */
type Failures = ReadonlyMap<string, unknown>;

/**
 * Sends the messages of one turn together: those with one destination at once, and the next ones when those are there.
 *
 * Two messages of a turn with the same destination and key are one.
 */
export class Outbox {
  private waiting: Batch = new Map();
  private count = 0;
  /** The batch that is being gathered; undefined if nothing waits. */
  private next: Promise<Failures> | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly link: RedisLink) {}

  /** Resolves when the message is there. @throws RedisUnavailableError, TooManyMessagesError */
  add<Message>(destination: Destination<Message>, key: string, message: Message): Promise<void> {
    const { name } = destination;
    const parcel = this.waiting.get(name) ?? { destination: destination as Destination<unknown>, messages: new Map() };
    if (!parcel.messages.has(key)) {
      if (this.count >= MOST_WAITING) return Promise.reject(new TooManyMessagesError(MOST_WAITING));
      this.count += 1;
    }
    parcel.messages.set(key, message);
    this.waiting.set(name, parcel);
    return (this.next ??= this.sendNext()).then((failures) => {
      if (failures.has(name)) throw failures.get(name);
    });
  }

  /** Waits until all that was handed in has been sent, or has failed. */
  async flush(): Promise<void> {
    await this.last;
  }

  /** At the end of the turn, and after the batch before it: under load, batches grow instead of waiting in line. */
  private sendNext(): Promise<Failures> {
    const endOfTurn = new Promise((resolve) => setImmediate(resolve));
    const next = Promise.all([endOfTurn, this.last]).then(async () => {
      const batch = this.waiting;
      this.waiting = new Map();
      this.next = undefined;
      this.count = 0;
      return this.send(batch);
    });
    this.last = next;
    return next;
  }

  /** Never rejects. @returns what went wrong, by destination */
  private async send(batch: Batch): Promise<Failures> {
    const failures = new Map<string, unknown>();
    const sent = [...batch].map(async ([name, { destination, messages }]) => {
      try {
        await this.link.send(() => destination.send(messages));
      } catch (error) {
        failures.set(name, error);
      }
    });
    await Promise.all(sent);
    return failures;
  }
}
