import { LatestApart } from './latest-apart.js';

/** With an entry for each of these ids, of one kind. */
function holding(...ids: string[]): LatestApart<string> {
  const entries = new LatestApart<string>();
  for (const id of ids) entries.set('step', id, `the first ${id}`);
  return entries;
}

describe('entries whose latest is apart', () => {
  test('come in the order in which they were added', () => {
    expect([...holding('a', 'b', 'c').values()]).toEqual(['the first a', 'the first b', 'the first c']);
  });

  test.each(['a', 'b', 'c'])('are found by kind and id: %s', (id) => {
    const entries = holding('a', 'b', 'c');
    expect(entries.get('step', id)).toBe(`the first ${id}`);
    expect(entries.get('sleep', id)).toBeUndefined();
  });

  test.each([
    ['a', ['another', 'the first b', 'the first c']],
    ['c', ['the first a', 'the first b', 'another']],
  ])('are replaced where they are: %s', (id, after) => {
    const entries = holding('a', 'b', 'c');
    entries.set('step', id, 'another');
    expect([...entries.values()]).toEqual(after);
  });

  test.each([
    ['a', ['the first b', 'the first c']],
    ['c', ['the first a', 'the first b']],
  ])('are deleted once: %s', (id, after) => {
    const entries = holding('a', 'b', 'c');
    expect([entries.delete('step', id), entries.delete('step', id)]).toEqual([true, false]);
    expect(entries.get('step', id)).toBeUndefined();
    expect([...entries.values()]).toEqual(after);
  });

  test('keep their order when one comes after the latest was deleted', () => {
    const entries = holding('a', 'b');
    entries.delete('step', 'b');
    entries.set('step', 'c', 'the first c');
    entries.set('sleep', 'c', 'a timer');
    expect([...entries.values()]).toEqual(['the first a', 'the first c', 'a timer']);
  });

  test.each([
    ['at first', () => holding()],
    ['when all are deleted', () => emptied(holding('a', 'b'), 'b', 'a')],
    ['when they are cleared', () => cleared(holding('a', 'b'))],
  ])('are none %s', (_when, made) => {
    const entries = made();
    expect(entries.get('step', 'a')).toBeUndefined();
    expect(entries.delete('step', 'a')).toBe(false);
    expect([...entries.values()]).toEqual([]);
  });
});

function emptied(entries: LatestApart<string>, ...ids: string[]): LatestApart<string> {
  for (const id of ids) entries.delete('step', id);
  return entries;
}

function cleared(entries: LatestApart<string>): LatestApart<string> {
  entries.clear();
  return entries;
}
