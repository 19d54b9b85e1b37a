import { InProcessNotifier } from './in-process.notifier.js';

it('tells every listener of an ended run', () => {
  const notifier = new InProcessNotifier();
  const heard: string[] = [];
  notifier.onEnded((runId) => heard.push(`1 ${runId}`));
  notifier.onEnded((runId) => heard.push(`2 ${runId}`));
  notifier.ended('r1');
  expect(heard).toEqual(['1 r1', '2 r1']);
});

it('tells a listener no more once it has unsubscribed, even from within', () => {
  const notifier = new InProcessNotifier();
  const heard: string[] = [];
  const listener = (runId: string) => {
    heard.push(runId);
    stop();
  };
  const stop = notifier.onEnded(listener);
  notifier.ended('r1');
  notifier.ended('r2');
  expect(heard).toEqual(['r1']);
});

it('keeps the other subscription of a function that subscribed twice', () => {
  const notifier = new InProcessNotifier();
  const listener = jest.fn();
  const stop = notifier.onEnded(listener);
  notifier.onEnded(listener);
  stop();
  stop();
  notifier.ended('r1');
  expect(listener).toHaveBeenCalledTimes(1);
});

it('reports what a listener throws and tells the others', () => {
  const errors: unknown[] = [];
  const notifier = new InProcessNotifier({ onError: (error) => errors.push(error) });
  const listener = jest.fn();
  notifier.onEnded(() => {
    throw new Error('listener');
  });
  notifier.onEnded(listener);
  notifier.ended('r1');
  expect(errors).toEqual([new Error('listener')]);
  expect(listener).toHaveBeenCalledWith('r1');
});
