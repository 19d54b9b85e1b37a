import { InvalidInputError } from './errors.js';
import { Latest } from './latest.js';
import { encodeNotice, Listeners, packNotices, readNotice, readNotices } from './notices.js';
import { type Notice, Notifier } from './ports/notifier.js';
import { macrotaskTurn } from './turns.js';

/** Who uses a channel. */
export interface ChannelListener {
  readonly onMessage: (text: string) => void;
  /** The channel is there again, and what others sent in the meantime is lost. */
  readonly onMissed: () => void;
  /** Others are there, who may have listened for a moment already. */
  readonly onCompany: () => void;
}

/** What lies between the processes: carries texts, in ASCII, from each of them to all. */
export interface NoticeChannel {
  /** Whether nobody else listens, as far as is known, so that there is no need to send. @default never */
  readonly isAlone?: boolean;
  /**
   * Begins to listen. Rejects within a bounded time if the others cannot be reached, and goes on trying by itself.
   * May be called again, to learn how that went.
   */
  open(listener: ChannelListener): Promise<void>;
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

/** What is kept to be sent is a hint that the store can give again, so it must not fill the memory. */
const MOST_KEPT = 10_000;

/**
 * Tells this process at once, and the others by a channel: what is published in one turn is one message, equal notices
 * are one, and what is published while a message is on its way goes with the next one. While nobody else listens, nothing
 * is sent; the latest notices are kept for who comes, and is not known yet.
 */
export class BroadcastNotifier extends Notifier {
  private readonly listeners: Listeners<Notice>;
  private readonly missing: Listeners<void>;
  private readonly waiting = new Set<string>();
  private readonly unheard = new Latest<Notice>(MOST_KEPT);
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
    await this.channel.open({
      onMessage: (text) => this.receive(text),
      onMissed: () => this.missing.tell(),
      onCompany: () => this.sendUnheard(),
    });
  }

  override publish(notice: Notice): void {
    const known = readNotice(notice);
    if (this.closing || !known) return;
    this.listeners.tell(known);
    if (!this.isOpened) return;
    if (this.channel.isAlone) this.unheard.add(known);
    else this.send(known);
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

  private sendUnheard(): void {
    for (const notice of this.unheard.take()) this.send(notice);
  }

  private send(notice: Notice): void {
    if (this.waiting.size >= MOST_KEPT) return;
    this.waiting.add(encodeNotice(notice));
    this.sending ??= this.sendAll();
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
    this.sendUnheard(); // who has come in this moment is not known yet
    await this.sending;
    this.listeners.clear();
    this.missing.clear();
    await this.channel.close();
  }
}
