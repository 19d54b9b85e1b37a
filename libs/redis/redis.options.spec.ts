import { InvalidInputError } from '../core/index.js';
import { checkOptions, type RedisStoreOptions } from './redis.options.js';

it('options that are left out have defaults, also those that are undefined', () => {
  const checked = checkOptions({ url: 'rediss://ada:secret@host/3', keyPrefix: undefined });
  expect(checked).toMatchObject({ keyPrefix: '{pyworkflow}:', retryForMs: 5_000, place: 'rediss://host/3' });
});

it.each<[unknown]>([
  [{}],
  [{ url: '' }],
  [{ url: 5 }],
  [{ url: 'postgres://ada:secret@host' }],
  [{ url: 'redis://ada:secret@host:port' }],
  [{ url: 'redis://host', keyPrefix: '' }],
  [{ url: 'redis://host', keyPrefix: 'a\nb' }],
  [{ url: 'redis://host', keyPrefix: 5 }],
  [{ url: 'redis://host', retryForMs: -1 }],
  [{ url: 'redis://host', retryForMs: '5s' }],
])('refuses %p', (options) => {
  const check = (): unknown => checkOptions(options as RedisStoreOptions);
  expect(check).toThrow(InvalidInputError);
  expect(check).not.toThrow(/secret/);
});
