import { RareMap } from './rare-map.js';

describe('a rare map', () => {
  test('holds what was put into it, and into no other', () => {
    const map = new RareMap<string, number>();
    const other = new RareMap<string, number>();
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    expect([...map]).toEqual([
      ['a', 3],
      ['b', 2],
    ]);
    expect([...map.values()]).toEqual([3, 2]);
    expect([map.size, map.has('a'), map.get('a'), map.delete('a'), map.has('a')]).toEqual([2, true, 3, true, false]);
    expect([other.size, other.has('b'), other.get('b'), other.delete('b'), [...other]]).toEqual([
      0,
      false,
      undefined,
      false,
      [],
    ]);
  });

  test('can be filled again after it was cleared', () => {
    const map = new RareMap<string, number>();
    map.set('a', 1);
    map.clear();
    expect([...map]).toEqual([]);
    map.set('b', 2);
    expect([...map]).toEqual([['b', 2]]);
  });
});
