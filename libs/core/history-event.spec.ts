import { eventType } from './history-event.js';

test('a type that was read is a type of the code', () => {
  expect(eventType(['step', 'completed'].join('.'))).toBe('step.completed');
});

test('a type that only a later version knows stays what it is', () => {
  expect(eventType('step.postponed')).toBe('step.postponed');
});
