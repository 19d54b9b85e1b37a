import { InvalidInputError } from './errors.js';
import { pageOf, readCursor } from './run-page.js';

const run = (runId: string, createdAt = 1_750_000_000_000) => ({ runId, createdAt });

it('a page that another one follows has a cursor, which tells its last run', () => {
  const page = pageOf([run('c'), run('bä/+\u{1f600}'), run('a')], 2);
  expect(page.runs).toEqual([run('c'), run('bä/+\u{1f600}')]);
  expect(page.nextCursor).toMatch(/^[\w-]+$/);
  expect(readCursor(page.nextCursor!)).toEqual(run('bä/+\u{1f600}'));
});

it.each([0, 1, 2])('a page of %i runs that is the last one has none', (count) => {
  const found = [run('b'), run('a')].slice(0, count);
  expect(pageOf(found, 2)).toEqual({ runs: found });
});

it('a page of nothing has no run behind which to go on', () => {
  expect(pageOf([run('a')], 0)).toEqual({ runs: [] });
});

it.each(['made up', '[', '{}', 'null', '[1]', '["1","a"]', '[1e999,"a"]', '[1,{}]'])('refuses %j', (text) => {
  expect(() => readCursor(text)).toThrow(InvalidInputError);
  const cursor = Buffer.from(text).toString('base64url');
  expect(() => readCursor(cursor)).toThrow(`"${cursor}" is no cursor of a list of runs`);
});
