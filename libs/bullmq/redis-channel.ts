import type { ChannelListener, NoticeChannel } from '../core/index.js';
import type { RedisConnectionOptions } from './bullmq.options.js';
import { RedisUnavailableError } from './errors.js';
import { RedisLink, within } from './redis-link.js';

/** A subscriber sends nothing by itself, so it would not notice that its server has vanished. */
const CHECK_MS = 15_000;

interface RedisChannelOptions extends Pick<RedisConnectionOptions, 'connection'> {
  readonly patienceMs: number;
  readonly onError: (error: unknown) => void;
}

/** Carries texts by publish and subscribe: a connection that has subscribed takes no other commands, so there are two. */
export class RedisChannel implements NoticeChannel {
  private publisher: RedisLink | undefined;
  private subscriber: RedisLink | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly name: string,
    private readonly options: RedisChannelOptions,
  ) {}

  async open(listener: ChannelListener): Promise<void> {
    const { options, name } = this;
    const publisher = (this.publisher ??= new RedisLink(options, options.patienceMs, options.onError));
    const subscriber = (this.subscriber ??= this.subscribe(publisher, listener));
    await Promise.all([
      publisher.send(() => publisher.client.ping()),
      subscriber.send(() => subscriber.client.subscribe(name)),
    ]);
  }

  async send(texts: readonly string[]): Promise<void> {
    const { publisher } = this;
    if (!publisher) return;
    const sent = texts.map((text) => publisher.send(() => publisher.client.publish(this.name, text)));
    await Promise.all(sent).catch((error: unknown) => publisher.report(error));
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all([this.publisher?.close(), this.subscriber?.close()]);
  }

  private subscribe(publisher: RedisLink, { onMessage, onMissed }: ChannelListener): RedisLink {
    const report = (error: unknown): void => publisher.report(error);
    const { patienceMs } = this.options;
    const subscriber = new RedisLink(this.options, patienceMs, report);
    const { client } = subscriber;
    client.on('message', (_, text) => onMessage(text));
    let wasCut = false;
    client.on('close', () => (wasCut = true));
    subscriber.onReady(() => void client.subscribe(this.name).then(() => wasCut && onMissed(), report));
    this.timer = setInterval(() => {
      if (client.status !== 'ready') return;
      const late = (): Error => new RedisUnavailableError(subscriber.place, new Error('it has fallen silent'));
      within(client.ping(), patienceMs, late).catch(() => client.disconnect(true));
    }, CHECK_MS).unref();
    return subscriber;
  }
}
