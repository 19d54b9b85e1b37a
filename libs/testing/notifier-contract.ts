/// <reference types="jest" />
import type { Notice } from '../core/index.js';
import { describeChannel } from './notifier-contract-channel.js';
import { ended, hear, listening, type NotifierFixture, passes, until } from './notifier-contract-makers.js';

/**
 * The tests that every notifier passes. Call it in a Jest spec of yours with a function that gives each test its
 * notifiers.
 */
export function describeNotifierContract(name: string, setup: () => Promise<NotifierFixture>): void {
  describe(`${name} as a notifier`, () => {
    let fixture: NotifierFixture | undefined;
    const current = (): NotifierFixture => {
      if (!fixture) throw new Error('There is no notifier outside of a test.');
      return fixture;
    };

    beforeEach(async () => {
      fixture = await setup();
    });
    afterEach(async () => {
      await fixture?.cleanup();
      fixture = undefined;
    });

    describe('publishing', () => describePublishing(current));
    describe('listeners', () => describeListeners(current));
    describe('opening and closing', () => describeEnds(current));
    describe('messages between processes', () => describeChannel(current));
  });
}

function describePublishing(current: () => NotifierFixture): void {
  it('tells every process, its own at once and once', async () => {
    const [a, b] = [await listening(current()), await listening(current())];
    a.notifier.publish(ended('r1'));
    expect(a.heard).toEqual(['r1']);
    await passes(a.notifier, b.notifier);
    b.notifier.publish(ended('r2'));
    await passes(b.notifier, a.notifier);
    await passes(a.notifier, b.notifier);
    expect([a.heard, b.heard]).toEqual([
      ['r1', 'r2'],
      ['r1', 'r2'],
    ]);
  });

  it('keeps the order of each publisher', async () => {
    const [a, b] = [await listening(current()), await listening(current())];
    const runIds = Array.from({ length: 50 }, (_, index) => `r${index}`);
    for (const runId of runIds) {
      a.notifier.publish(ended(runId));
      if (Number(runId.slice(1)) % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => b.heard.length === 50);
    expect([a.heard, b.heard]).toEqual([runIds, runIds]);
  });

  it('carries each notice whole, with any text in it', async () => {
    const [a, b] = [await listening(current()), await listening(current())];
    const notices: Notice[] = ['r1', '', '\u0000', '\ud800', '💥 "ü\\', '__proto__', 'x'.repeat(1_000)].flatMap(
      (text) => [
        { type: 'run.ended', runId: text },
        { type: 'run.wake', runId: text },
        { type: 'run.wake', runId: text, owner: text },
        { type: 'step.aborted', runId: text, stepId: text },
      ],
    );
    const heard: Notice[] = [];
    b.notifier.subscribe((notice) => heard.push(notice));
    for (const notice of notices) a.notifier.publish(notice);
    await until(() => heard.length === notices.length);
    expect(heard).toEqual(notices);
  });
}

function describeListeners(current: () => NotifierFixture): void {
  it('are told no more once they have unsubscribed, even from within', async () => {
    const { notifier, heard } = await listening(current());
    const once: string[] = [];
    const stops = [() => stop(), () => stopOther()];
    const stop = notifier.subscribe(({ runId }) => {
      once.push(runId);
      for (const end of stops) end();
    });
    const stopOther = notifier.subscribe(({ runId }) => once.push(`other ${runId}`));
    for (const runId of ['r1', 'r2']) notifier.publish(ended(runId));
    expect([once, heard]).toEqual([['r1'], ['r1', 'r2']]);
  });

  it('keep their other subscription when they have two', async () => {
    const { notifier } = await listening(current());
    const listener = jest.fn();
    const stop = notifier.subscribe(listener);
    notifier.subscribe(listener);
    stop();
    stop();
    notifier.publish(ended('r1'));
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('that throw are reported and disturb nobody, in any process', async () => {
    const [{ notifier: a }, { notifier: b }] = [await listening(current()), await listening(current())];
    for (const notifier of [a, b]) {
      notifier.subscribe(({ runId }) => {
        if (runId === 'r1') throw new Error('listener');
      });
    }
    const [heardByA, heardByB] = [hear(a), hear(b)];
    for (const runId of ['r1', 'r2']) a.publish(ended(runId));
    await passes(a, b);
    expect([heardByA, heardByB]).toEqual([
      ['r1', 'r2'],
      ['r1', 'r2'],
    ]);
    expect(current().errors).toEqual([new Error('listener'), new Error('listener')]);
  });
}

function describeEnds(current: () => NotifierFixture): void {
  it('may be done twice, before and after anything was published', async () => {
    const notifier = await current().connect();
    await notifier.open();
    await notifier.open();
    notifier.publish(ended('r1'));
    await Promise.all([notifier.close(), notifier.close()]);
    await notifier.close();
    const unused = await current().connect();
    await unused.close();
    await unused.close();
  });

  it('before it is opened, a notifier tells its own process', async () => {
    const notifier = await current().connect();
    const heard = hear(notifier);
    notifier.publish(ended('r1'));
    expect(heard).toEqual(['r1']);
  });

  it('after it is closed, a notifier tells nobody', async () => {
    const { notifier, heard } = await listening(current());
    await notifier.close();
    const late = hear(notifier);
    notifier.publish(ended('r1'));
    expect([heard, late]).toEqual([[], []]);
  });

  it('what was published just before a notifier is closed arrives', async () => {
    const [a, b] = [await listening(current()), await listening(current())];
    a.notifier.publish(ended('r1'));
    await a.notifier.close();
    await until(() => b.heard.length === 1);
    expect(b.heard).toEqual(['r1']);
  });

  it('a notifier that is closed disturbs no other process', async () => {
    const fixture = current();
    const [a, b, c] = [await listening(fixture), await listening(fixture), await listening(fixture)];
    if (a.notifier === b.notifier) return;
    await a.notifier.close();
    b.notifier.publish(ended('r1'));
    await passes(b.notifier, c.notifier);
    expect([a.heard, b.heard, c.heard]).toEqual([[], ['r1'], ['r1']]);
  });
}
