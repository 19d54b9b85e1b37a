import type { Notice } from '../core/index.js';
import { InProcessNotifier } from './in-process.notifier.js';

const ended = (runId: string): Notice => ({ type: 'run.ended', runId });

it('tells every listener of an ended run', () => {
  const notifier = new InProcessNotifier();
  const heard: string[] = [];
  notifier.subscribe(({ runId }) => heard.push(`1 ${runId}`));
  notifier.subscribe(({ runId }) => heard.push(`2 ${runId}`));
  notifier.publish(ended('r1'));
  expect(heard).toEqual(['1 r1', '2 r1']);
});

it('tells a listener no more once it has unsubscribed, even from within', () => {
  const notifier = new InProcessNotifier();
  const heard: string[] = [];
  const listener = ({ runId }: Notice) => {
    heard.push(runId);
    stop();
  };
  const stop = notifier.subscribe(listener);
  notifier.publish(ended('r1'));
  notifier.publish(ended('r2'));
  expect(heard).toEqual(['r1']);
});

it('keeps the other subscription of a function that subscribed twice', () => {
  const notifier = new InProcessNotifier();
  const listener = jest.fn();
  const stop = notifier.subscribe(listener);
  notifier.subscribe(listener);
  stop();
  stop();
  notifier.publish(ended('r1'));
  expect(listener).toHaveBeenCalledTimes(1);
});

it('reports what a listener throws and tells the others', () => {
  const errors: unknown[] = [];
  const notifier = new InProcessNotifier({ onError: (error) => errors.push(error) });
  const listener = jest.fn();
  notifier.subscribe(() => {
    throw new Error('listener');
  });
  notifier.subscribe(listener);
  notifier.publish(ended('r1'));
  expect(errors).toEqual([new Error('listener')]);
  expect(listener).toHaveBeenCalledWith(ended('r1'));
});
