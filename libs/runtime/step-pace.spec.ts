import { StepPace } from './step-pace.js';

function after(...tookMs: readonly number[]): number {
  const pace = new StepPace();
  for (const ms of tookMs) pace.note('charge', ms);
  return pace.expectedMs('charge');
}

const times = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);

it('takes a step that nobody has run to last long, and one quick attempt for no proof', () => {
  expect(new StepPace().expectedMs('charge')).toBe(1_000);
  expect(after(0)).toBe(900);
  expect(after(...times(100, 0))).toBeLessThan(0.1);
});

it('expects a step to be as slow as its slowest attempt lately', () => {
  expect(after(...times(100, 3))).toBe(3);
  expect(after(...times(100, 0), 5_000)).toBe(5_000);
  expect(after(...times(100, 0), 5_000, ...times(50, 0))).toBeGreaterThan(10);
  expect(after(...times(100, 0), 5_000, ...times(100, 0))).toBeLessThan(1);
});

it('knows each step by itself', () => {
  const pace = new StepPace();
  pace.note('render', 60_000);
  expect(pace.expectedMs('render')).toBe(60_000);
  expect(pace.expectedMs('charge')).toBe(1_000);
});
