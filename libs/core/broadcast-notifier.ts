import { InvalidInputError } from './errors.js';
import { encodeNotice, Listeners, packNotices, readNotice, readNotices } from './notices.js';
import { type Notice, Notifier } from './ports/notifier.js';
import { macrotaskTurn } from './turns.js';

/** What lies between the processes: carries texts, in ASCII, from each of them to all. */
export interface NoticeChannel {
  /**
   * Begins to listen. Rejects within a bounded time if the others cannot be reached, and goes on trying by itself.
   * May be called again, to learn how that went.
   *
   * @param onMissed called when it listens again, since what others sent in the meantime is lost
   */
  open(onMessage: (text: string) => void, onMissed: () => void): Promise<void>;
  /** Resolves within a bounded time, when these have been sent or are lost. Reports what went wrong by itself. */
  send(texts: readonly string[]): Promise<void>;
  /** Called once, and whether or not it was opened. */
  close(): Promise<void>;
}

export interface BroadcastOptions {
  /** Tells this notifier from all others. */
  readonly id: string;
  /** How many characters a message may have. */
  readonly longestMessage: number;
  /** Told what a listener threw. */
  readonly onError: (error: unknown) => void;
}

/** What waits to be sent is a hint that the store can give again, so it must not fill the memory. */
const MOST_WAITING = 10_000;

/**
 * Tells this process at once, and the others by a channel: what is published in one turn is one message, equal notices
 * are one, and what is published while a message is on its way goes with the next one.
 */
export class BroadcastNotifier extends Notifier {
  private readonly listeners: Listeners<Notice>;
  private readonly missing: Listeners<void>;
  private readonly waiting = new Set<string>();
  private isOpened = false;
  private sending: Promise<void> | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly channel: NoticeChannel,
    private readonly options: BroadcastOptions,
  ) {
    super();
    this.listeners = new Listeners(options.onError);
    this.missing = new Listeners(options.onError);
  }

  override async open(): Promise<void> {
    if (this.closing) throw new InvalidInputError('A notifier that was closed cannot be opened again. Make a new one.');
    this.isOpened = true;
    await this.channel.open(
      (text) => this.receive(text),
      () => this.missing.tell(),
    );
  }

  override publish(notice: Notice): void {
    const known = readNotice(notice);
    if (this.closing || !known) return;
    this.listeners.tell(known);
    if (!this.isOpened || this.waiting.size >= MOST_WAITING) return;
    this.waiting.add(encodeNotice(known));
    this.sending ??= this.sendAll();
  }

  override subscribe(listener: (notice: Notice) => void): () => void {
    return this.listeners.add(listener);
  }

  override onMissed(listener: () => void): () => void {
    return this.missing.add(listener);
  }

  override close(): Promise<void> {
    this.closing ??= this.letGo();
    return this.closing;
  }

  private receive(text: string): void {
    const message = readNotices(text);
    if (!message || message.from === this.options.id) return;
    for (const notice of message.notices) this.listeners.tell(notice);
  }

  private async sendAll(): Promise<void> {
    while (this.waiting.size > 0) {
      await macrotaskTurn();
      const messages = packNotices(this.options.id, this.waiting, this.options.longestMessage);
      this.waiting.clear();
      await this.channel.send(messages);
    }
    this.sending = undefined;
  }

  private async letGo(): Promise<void> {
    await this.sending;
    this.listeners.clear();
    this.missing.clear();
    await this.channel.close();
  }
}
