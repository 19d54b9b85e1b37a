import { BroadcastNotifier, type ChannelListener, type NoticeChannel } from './broadcast-notifier.js';
import { encodeNotice, packNotices, readNotices } from './notices.js';
import type { Notice } from './ports/notifier.js';
import { macrotaskTurn } from './turns.js';

const ended = (runId: string): Notice => ({ type: 'run.ended', runId });

/** Keeps what is sent until the test says that it has been. */
class HeldChannel implements NoticeChannel {
  readonly sent: (readonly string[])[] = [];
  isAlone = false;
  isClosed = false;
  listener!: ChannelListener;
  private readonly held: (() => void)[] = [];

  async open(listener: ChannelListener): Promise<void> {
    this.listener = listener;
  }

  async send(texts: readonly string[]): Promise<void> {
    this.sent.push(texts.flatMap((text) => readNotices(text)!.notices.map(({ runId }) => runId)));
    await new Promise<void>((resolve) => this.held.push(resolve));
  }

  async release(): Promise<void> {
    for (const resolve of this.held.splice(0)) resolve();
    await macrotaskTurn();
    await macrotaskTurn();
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

async function given() {
  const channel = new HeldChannel();
  const notifier = new BroadcastNotifier(channel, { id: 'A', longestMessage: 1_000, onError: () => {} });
  await notifier.open();
  return { channel, notifier };
}

it('gathers what is published while a message is on its way, and sends equal notices once', async () => {
  const { channel, notifier } = await given();
  notifier.publish(ended('r1'));
  await macrotaskTurn();
  await macrotaskTurn();
  for (const runId of ['r2', 'r3', 'r2']) {
    notifier.publish(ended(runId));
    await macrotaskTurn();
  }
  expect(channel.sent).toEqual([['r1']]);
  await channel.release();
  expect(channel.sent).toEqual([['r1'], ['r2', 'r3']]);
});

it('keeps no more than its memory is worth while nothing can be sent', async () => {
  const { channel, notifier } = await given();
  const heard = jest.fn();
  notifier.subscribe(heard);
  for (let index = 0; index < 10_001; index++) notifier.publish(ended(`r${index}`));
  await macrotaskTurn();
  await macrotaskTurn();
  expect(heard).toHaveBeenCalledTimes(10_001);
  expect(channel.sent[0]).toHaveLength(10_000);
});

it('sends nothing while nobody else listens, and the latest of it to who comes', async () => {
  const { channel, notifier } = await given();
  channel.isAlone = true;
  for (let index = 0; index < 10_500; index++) notifier.publish(ended(`r${index}`));
  await macrotaskTurn();
  expect(channel.sent).toEqual([]);
  channel.isAlone = false;
  channel.listener.onCompany();
  await macrotaskTurn();
  notifier.publish(ended('now'));
  await macrotaskTurn();
  const latest = Array.from({ length: 10_000 }, (_, index) => `r${index + 500}`);
  expect(channel.sent).toEqual([latest]);
  await channel.release();
  expect(channel.sent).toEqual([latest, ['now']]);
  await channel.release();
  channel.listener.onCompany();
  await macrotaskTurn();
  expect(channel.sent).toHaveLength(2);
});

it('tells this process alone before it is opened', async () => {
  const channel = new HeldChannel();
  const notifier = new BroadcastNotifier(channel, { id: 'A', longestMessage: 1_000, onError: () => {} });
  const heard = jest.fn();
  notifier.subscribe(heard);
  notifier.publish(ended('r1'));
  await macrotaskTurn();
  await macrotaskTurn();
  expect(heard).toHaveBeenCalledWith(ended('r1'));
  expect(channel.sent).toEqual([]);
});

it('closes its channel when all has been sent, and cannot be opened again', async () => {
  const { channel, notifier } = await given();
  notifier.publish(ended('r1'));
  const closing = notifier.close();
  await macrotaskTurn();
  await macrotaskTurn();
  expect([channel.sent, channel.isClosed]).toEqual([[['r1']], false]);
  await channel.release();
  await closing;
  expect(channel.isClosed).toBe(true);
  await expect(notifier.open()).rejects.toThrow('cannot be opened again');
});

it('tells nobody of what is no notice', async () => {
  const { channel, notifier } = await given();
  const heard = jest.fn();
  notifier.subscribe(heard);
  for (const value of [undefined, null, 'r1', {}, { type: 'run.ended' }]) notifier.publish(value as unknown as Notice);
  channel.listener.onMessage('{"from":"A","notices":[{"type":"run.ended","runId":"r1"}]}');
  await macrotaskTurn();
  expect([heard.mock.calls, channel.sent]).toEqual([[], []]);
});

it('says that something may have been missed, until it is closed', async () => {
  const { channel, notifier } = await given();
  const [missed, other] = [jest.fn(), jest.fn()];
  notifier.onMissed(missed);
  notifier.onMissed(other)();
  channel.listener.onMissed();
  await notifier.close();
  channel.listener.onMissed();
  expect([missed.mock.calls.length, other.mock.calls.length]).toEqual([1, 0]);
});

it('tells what others have sent, and not what it has sent itself', async () => {
  const { channel, notifier } = await given();
  const heard: Notice[] = [];
  notifier.subscribe((notice) => heard.push(notice));
  const message = (from: string): string =>
    packNotices(from, [encodeNotice(ended('r1')), encodeNotice(ended('r2'))], 1_000)[0]!;
  for (const text of [message('A'), 'garbage', message('B')]) channel.listener.onMessage(text);
  expect(heard).toEqual([ended('r1'), ended('r2')]);
});
