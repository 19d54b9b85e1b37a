import { WorkflowError } from './errors.js';
import {
  StoreClosedError,
  StoreError,
  StoreLockedError,
  StoreOpenError,
  StoreUnavailableError,
  StoreWriteError,
} from './store-errors.js';

const refused = new Error('connect ECONNREFUSED');

const all: [StoreError, string, string][] = [
  [new StoreLockedError('runs.sqlite', 'Stop it.'), 'STORE_LOCKED', 'store runs.sqlite is in use by another process'],
  [new StoreOpenError('runs.sqlite', refused, 'Look.'), 'STORE_OPEN_FAILED', 'connect ECONNREFUSED. Look.'],
  [new StoreClosedError(), 'STORE_CLOSED', 'Call open() before it is used'],
  [new StoreWriteError('runs.sqlite', refused), 'STORE_WRITE_FAILED', 'could not write runs.sqlite: connect ECONNREF'],
  [
    new StoreUnavailableError('redis://host', refused),
    'STORE_UNAVAILABLE',
    'redis://host cannot be reached, or cannot write: connect ECON',
  ],
];

it.each(all)('%s has a stable code, and says what happened', (error, code, message) => {
  expect(error).toBeInstanceOf(StoreError);
  expect(error).toBeInstanceOf(WorkflowError);
  expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
});

it.each([
  ['an error', refused, 'connect ECONNREFUSED'],
  ['an error of another realm', { message: 'disk I/O error' }, 'disk I/O error'],
  ['one that has a message for each address', new AggregateError([refused, new Error('again')]), 'REFUSED, again.'],
  ['one that says nothing', new Error(''), 'write: . Check'],
  ['a text', 'its format is 2', 'its format is 2'],
  ['nothing', null, 'write: null.'],
])('the message names the cause: %s', (_, cause, message) => {
  const error = new StoreUnavailableError('here', cause);
  expect(error.cause).toBe(cause);
  expect(error.message).toContain(message);
});
