import { callKey } from './call-key.js';

it.each([
  ['a', 'b c#1', 'a b', 'c#1'],
  ['1 x', 'a#1', 'x', 'a#11'],
  ['b#1 x', 'a#1', 'x', 'a#1'],
])('is not the same for (%s, %s) and (%s, %s)', (runId, id, otherRunId, otherId) => {
  expect(callKey(runId, id)).not.toBe(callKey(otherRunId, otherId));
});
