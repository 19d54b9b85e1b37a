import {
  EventLimitError,
  FatalError,
  HookConflictError,
  HookExpiredError,
  InvalidInputError,
  NonDeterminismError,
  RetryableError,
  WorkflowCancelledError,
  WorkflowError,
  WorkflowTimeoutError,
} from './errors.js';

const all: [WorkflowError, string, string][] = [
  [new FatalError('no'), 'FatalError', 'FATAL'],
  [new RetryableError('later'), 'RetryableError', 'RETRYABLE'],
  [new InvalidInputError('what'), 'InvalidInputError', 'INVALID_INPUT'],
  [new WorkflowTimeoutError('late'), 'WorkflowTimeoutError', 'TIMEOUT'],
  [new WorkflowCancelledError('stop'), 'WorkflowCancelledError', 'CANCELLED'],
  [new HookExpiredError('h#1'), 'HookExpiredError', 'HOOK_EXPIRED'],
  [new HookConflictError('h#1'), 'HookConflictError', 'HOOK_CONFLICT'],
  [new NonDeterminismError(7, 'step a#1', 'step b#1'), 'NonDeterminismError', 'NON_DETERMINISM'],
  [new EventLimitError(51, 50), 'EventLimitError', 'EVENT_LIMIT'],
];

test.each(all)('%s is a WorkflowError with a name and a stable code', (error, name, code) => {
  expect(error).toBeInstanceOf(WorkflowError);
  expect(error).toBeInstanceOf(Error);
  expect([error.name, error.code]).toEqual([name, code]);
  expect(String(error)).toBe(`${name}: ${error.message}`);
});

test('no two errors share a code', () => {
  expect(new Set(all.map(([, , code]) => code)).size).toBe(all.length);
});

test('the name of an error is not among its own enumerable fields', () => {
  expect(Object.keys(new FatalError('no'))).toEqual(['code']);
});

test('an error of a user that extends one has its own name', () => {
  class CardDeclined extends FatalError {}
  expect(new CardDeclined('no').name).toBe('CardDeclined');
});

test('an error keeps its cause', () => {
  const cause = new Error('deeper');
  expect(new FatalError('no', { cause }).cause).toBe(cause);
  expect(new RetryableError('later', { cause, retryAfter: '1s' })).toMatchObject({ cause, retryAfter: '1s' });
  expect(new RetryableError('later')).not.toHaveProperty('cause');
  expect(new RetryableError('later').retryAfter).toBeUndefined();
});

test('the errors of a hook name it and say what to do', () => {
  expect(new HookExpiredError('h#1')).toMatchObject({ hookId: 'h#1', message: expect.stringContaining('Catch this') });
  expect(new HookConflictError('h#1')).toMatchObject({
    hookId: 'h#1',
    message: expect.stringContaining('Choose another token'),
  });
});

test('a divergence shows what was recorded and what was asked for side by side, and where', () => {
  const error = new NonDeterminismError(7, 'step a#1', 'step b#1', 'run (/app/order.ts:3:5)');
  expect(error.message).toContain(
    'event 7 recorded step a#1, but the code asked for step b#1 (run (/app/order.ts:3:5)).',
  );
  expect(error).toMatchObject({ sequence: 7, recorded: 'step a#1', issued: 'step b#1' });
  expect(new NonDeterminismError(7, 'step a#1', 'nothing').message).toContain('asked for nothing. Deploy code');
});

test('a history that is too long is told with its length, the limit and what to do', () => {
  const error = new EventLimitError(51, 50);
  expect(error).toMatchObject({ events: 51, limit: 50 });
  expect(error.message).toMatch(/51 events.*at most 50 .*checkpoint\(\).*split the work/);
});
