import { encodeNotice, Listeners, packNotices, readNotice, readNotices } from './notices.js';
import type { Notice } from './ports/notifier.js';

const ended = (runId: string): Notice => ({ type: 'run.ended', runId });
const texts = (...runIds: string[]): string[] => runIds.map((runId) => encodeNotice(ended(runId)));
const runsIn = (messages: readonly string[]): (string | undefined)[][] =>
  messages.map((message) => (readNotices(message)?.notices ?? []).map(({ runId }) => runId));

describe('a notice as text', () => {
  it.each(['', '\u0000', '\ud800', '💥', 'ü', '"\\', '\u007f\u2028'])('is ASCII, and comes back: %j', (runId) => {
    const text = encodeNotice(ended(runId));
    expect(text).toMatch(/^[ -~]*$/);
    expect(JSON.parse(text)).toEqual(ended(runId));
  });
});

describe('messages', () => {
  it('are as few as hold the notices, in order', () => {
    expect(packNotices('A', [], 100)).toEqual([]);
    expect(runsIn(packNotices('A', texts('r1', 'r2', 'r3'), 1_000))).toEqual([['r1', 'r2', 'r3']]);
    const messages = packNotices('A', texts('r1', 'r2', 'r3'), 100);
    expect(runsIn(messages)).toEqual([['r1', 'r2'], ['r3']]);
  });

  it('may be exactly as long as they may be', () => {
    const [whole] = packNotices('A', texts('r1', 'r2'), 1_000);
    expect(packNotices('A', texts('r1', 'r2'), whole!.length)).toEqual([whole]);
    expect(runsIn(packNotices('A', texts('r1', 'r2'), whole!.length - 1))).toEqual([['r1'], ['r2']]);
  });

  it('leave out a notice that is too long by itself', () => {
    expect(runsIn(packNotices('A', texts('r1', 'x'.repeat(100), 'r2'), 100))).toEqual([['r1', 'r2']]);
  });

  it('that are too long to be ours are not even read', () => {
    const [message] = packNotices('A', texts('r1'), 100);
    expect(readNotices(message + ' '.repeat(1_000_000))).toBeUndefined();
  });
});

it.each<[string, unknown, Notice | undefined]>([
  ['more fields than it has', { type: 'run.ended', runId: 'r1', owner: 'A' }, ended('r1')],
  ['no owner', { type: 'run.wake', runId: 'r1' }, { type: 'run.wake', runId: 'r1' }],
  ['an owner that is no text', { type: 'run.wake', runId: 'r1', owner: 5 }, { type: 'run.wake', runId: 'r1' }],
  ['an owner', { type: 'run.wake', runId: 'r1', owner: 'A' }, { type: 'run.wake', runId: 'r1', owner: 'A' }],
  [
    'a step',
    { type: 'step.aborted', runId: 'r1', stepId: 's#1' },
    { type: 'step.aborted', runId: 'r1', stepId: 's#1' },
  ],
  ['no step', { type: 'step.aborted', runId: 'r1' }, undefined],
  ['no run', { type: 'run.ended' }, undefined],
  ['a type that is not known', { type: 'of tomorrow', runId: 'r1' }, undefined],
  ['nothing', null, undefined],
])('a notice with %s is read as what is known of it', (_, value, notice) => {
  expect(readNotice(value)).toEqual(notice);
});

it.each([
  '',
  'no JSON',
  'null',
  '5',
  '"text"',
  '[]',
  '{}',
  '{"from":"A"}',
  '{"from":5,"notices":[]}',
  '{"from":"A","notices":{}}',
])('no message is read from %j', (text) => {
  expect(readNotices(text)).toBeUndefined();
});

it('notices of a kind that is not known are left out of a message', () => {
  const notices = [null, ended('r1'), { type: 'of tomorrow', runId: 'r1' }];
  expect(readNotices(JSON.stringify({ from: 'A', notices }))).toEqual({ from: 'A', notices: [ended('r1')] });
});

describe('listeners', () => {
  it('are told until they end their subscription, each its own', () => {
    const listeners = new Listeners<Notice>(() => {});
    const heard: string[] = [];
    const listen = ({ runId }: Notice): void => void heard.push(runId);
    const [endFirst] = [listeners.add(listen), listeners.add(listen)];
    listeners.tell(ended('both'));
    endFirst!();
    endFirst!();
    listeners.tell(ended('one'));
    listeners.clear();
    listeners.tell(ended('none'));
    expect(heard).toEqual(['both', 'both', 'one']);
  });

  it('are not told of what was going round when another ended their subscription', () => {
    const listeners = new Listeners<Notice>(() => {});
    const heard: string[] = [];
    let end = (): void => {};
    listeners.add(() => end());
    end = listeners.add(() => heard.push('ended'));
    listeners.add(() => heard.push('other'));
    listeners.tell(ended('r1'));
    expect(heard).toEqual(['other']);
  });

  it('that throw disturb nobody', () => {
    const errors: unknown[] = [];
    const listeners = new Listeners<Notice>((error) => errors.push(error));
    const heard: string[] = [];
    listeners.add(() => {
      throw new Error('boom');
    });
    listeners.add(({ runId }) => heard.push(runId));
    listeners.tell(ended('r1'));
    expect([errors, heard]).toEqual([[new Error('boom')], ['r1']]);
  });
});
