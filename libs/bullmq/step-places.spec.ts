import { jest } from '@jest/globals';
import { StepPlaces } from './step-places.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it('gives as many places as there are, and each that is left to the one who waits longest', async () => {
  const places = new StepPlaces(2);
  expect([places.take(), places.take()]).toEqual([true, true]);
  const answers: string[] = [];
  const waits = ['a', 'b'].map((who) =>
    Promise.resolve(places.take()).then((has) => void answers.push(`${who} ${has}`)),
  );
  places.leave();
  await waits[0];
  expect(answers).toEqual(['a true']);
  places.leave();
  await waits[1];
  expect(answers).toEqual(['a true', 'b true']);
  places.leave();
  expect(places.take()).toBe(true);
});

it('lets nobody wait for long, and gives what comes free then to the next one', async () => {
  const places = new StepPlaces(1);
  places.take();
  const late = places.take();
  jest.advanceTimersByTime(249);
  const next = places.take();
  jest.advanceTimersByTime(1);
  expect(await late).toBe(false);
  places.leave();
  expect(await next).toBe(true);
  expect(jest.getTimerCount()).toBe(0);
});

it('sends all away who wait, and those that come later, once it gives no more', async () => {
  const places = new StepPlaces(1);
  places.take();
  const waiting = [places.take(), places.take()];
  places.close();
  expect(await Promise.all(waiting)).toEqual([false, false]);
  places.leave();
  expect(places.take()).toBe(false);
  expect(jest.getTimerCount()).toBe(0);
});
