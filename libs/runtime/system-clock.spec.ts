import { SystemClock } from './system-clock.js';

const AN_HOUR = 3_600_000;

/** A clock that was set an hour ahead of the machine's. */
function anHourAhead(): SystemClock {
  const clock = new SystemClock();
  clock.follow(Date.now() + AN_HOUR, 0);
  return clock;
}

const hoursAhead = (clock: SystemClock): number => Math.round((clock.now() - Date.now()) / (AN_HOUR / 10)) / 10;

it("is the machine's time until that of the store is known", () => {
  expect(hoursAhead(new SystemClock())).toBe(0);
  expect(hoursAhead(anHourAhead())).toBe(1);
});

it("follows the store's time, also when that goes back", () => {
  const clock = anHourAhead();
  clock.follow(Date.now() + 3 * AN_HOUR, 100);
  expect(hoursAhead(clock)).toBe(3);
  clock.follow(Date.now() - AN_HOUR, 100);
  expect(hoursAhead(clock)).toBe(-1);
});

it('is not set by an answer that took so long that the time may be right', () => {
  const clock = anHourAhead();
  // Its process stood still for six hours behind the answer: the time is taken from half of the way.
  clock.follow(Date.now() - 2 * AN_HOUR, 3 * AN_HOUR);
  expect(hoursAhead(clock)).toBe(1);
  clock.follow(Date.now() - 2 * AN_HOUR, 2 * AN_HOUR);
  expect(hoursAhead(clock)).toBe(-2);
});

it('takes what it gets at first, however long that took', () => {
  const clock = new SystemClock();
  clock.follow(Date.now() - 2 * AN_HOUR, 3 * AN_HOUR);
  expect(hoursAhead(clock)).toBe(-2);
});
