/// <reference types="jest" />
import {
  comesThrough,
  ended,
  hear,
  listening,
  type NotifierChannelFixture,
  type NotifierFixture,
  passes,
  until,
} from './notifier-contract-makers.js';

/** For notifiers with a channel between them; of one that has none there is nothing to test here. */
type Test = (name: string, run: (fixture: NotifierFixture, channel: NotifierChannelFixture) => Promise<void>) => void;

const HOSTILE = [
  '',
  ' ',
  'null',
  '0',
  '"text"',
  '[]',
  '{',
  '{}',
  '\ufffd\u0001',
  '{"from":1,"notices":[]}',
  '{"from":"x"}',
  '{"from":"x","notices":{"length":1}}',
  '{"from":"x","notices":[null,1,"text",[],{}]}',
  '{"from":"x","notices":[{"type":"run.ended"},{"type":"run.ended","runId":5},{"runId":"r9"}]}',
  '{"from":"x","notices":[{"type":"constructor","runId":"r9"},{"type":"step.aborted","runId":"r9","stepId":{}}]}',
  '{"from":"x","notices":[{"__proto__":{"type":"run.ended","runId":"r9"}}],"__proto__":{"notices":[]}}',
  `{"from":"x","notices":[${'['.repeat(3_000)}`,
];

export function describeChannel(current: () => NotifierFixture): void {
  const test: Test = (name, run) =>
    it(name, async () => {
      const fixture = current();
      if (fixture.channel) await run(fixture, fixture.channel);
    });

  describeMessages(test);
  describeOutages(test);
}

function describeMessages(test: Test): void {
  test('are one for all notices of a turn', async (fixture, channel) => {
    const [{ notifier: a }, { notifier: b, heard }] = [await listening(fixture), await listening(fixture)];
    const messages = await channel.overhear();
    const runIds = Array.from({ length: 100 }, (_, index) => `r${index}`);
    for (const runId of runIds) a.publish(ended(runId));
    await until(() => heard.length === 100 && messages.length > 0);
    await passes(a, b);
    await until(() => messages.at(-1)!.includes('mark'));
    expect(messages).toHaveLength(2);
    expect(heard).toEqual(runIds);
  });

  test('are as many as it takes, however many notices there are and whatever is in them', async (fixture) => {
    const [{ notifier: a }, { heard }] = [await listening(fixture), await listening(fixture)];
    const runIds = Array.from({ length: 2_000 }, (_, index) => `${index} ${'prüfung-💥'.repeat(5)}`);
    for (const runId of runIds) a.publish(ended(runId));
    await until(() => heard.length === runIds.length);
    expect(heard).toEqual(runIds);
  });

  test('that are hostile or malformed are ignored', async (fixture, channel) => {
    const [{ notifier: a, heard }, { notifier: b }] = [await listening(fixture), await listening(fixture)];
    for (const text of HOSTILE) await channel.inject(text);
    await passes(b, a);
    expect(heard).toEqual([]);
    await channel.inject(
      '{"from":"x","notices":[{"type":"of tomorrow","runId":"r0"},{"type":"run.ended","runId":"r1"}]}',
    );
    await until(() => heard.length === 1);
    expect(heard).toEqual(['r1']);
    expect(fixture.errors).toEqual([]);
  });
}

function describeOutages(test: Test): void {
  test('pass again after all connections were cut', async (fixture, channel) => {
    const [{ notifier: a, heard }, { notifier: b }] = [await listening(fixture), await listening(fixture)];
    for (const round of [1, 2]) {
      await channel.cut();
      await Promise.all([comesThrough(a, b), comesThrough(b, a)]);
      b.publish(ended(`r${round}`));
      await passes(b, a);
    }
    expect(heard).toEqual(['r1', 'r2']);
  });

  test('that may have been lost meanwhile are told of as such', async (fixture, channel) => {
    const [{ notifier: a }, { notifier: b }] = [await listening(fixture), await listening(fixture)];
    const missed: string[] = [];
    a.onMissed(() => missed.push('a'));
    const stop = b.onMissed(() => missed.push('b'));
    await passes(a, b);
    expect(missed).toEqual([]);
    stop();
    await channel.cut();
    await until(() => missed.length > 0);
    await Promise.all([comesThrough(a, b), comesThrough(b, a)]);
    expect(new Set(missed)).toEqual(new Set(['a']));
  });

  test('pass as soon as a server is there that could not be reached', async (_, channel) => {
    const { notifier, comeBack } = await channel.outOfReach();
    const heard = hear(notifier);
    let mayHaveMissed = false;
    notifier.onMissed(() => (mayHaveMissed = true));
    await expect(notifier.open()).rejects.toMatchObject({
      code: expect.stringContaining('UNAVAILABLE'),
      message: expect.stringContaining('cannot be reached'),
    });
    notifier.publish(ended('r1'));
    expect(heard).toEqual(['r1']);
    const other = await comeBack();
    await Promise.all([comesThrough(notifier, other), comesThrough(other, notifier)]);
    other.publish(ended('r2'));
    await passes(other, notifier);
    expect(heard).toEqual(['r1', 'r2']);
    expect(mayHaveMissed).toBe(true);
    await notifier.open();
  });

  test('are not waited for by a notifier that is closed while its server is away', async (_, channel) => {
    const { notifier } = await channel.outOfReach();
    const opening = notifier.open();
    notifier.publish(ended('r1'));
    await Promise.all([expect(opening).rejects.toThrow(), notifier.close()]);
    await notifier.close();
  });
}
