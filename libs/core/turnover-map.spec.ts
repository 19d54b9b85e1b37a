import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { TurnoverMap } from './turnover-map.js';

describe('a turnover map', () => {
  test('holds what was put into it last, in the order in which the keys came', () => {
    const map = new TurnoverMap<string, number>();
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    expect([map.size, map.has('a'), map.get('a'), map.get('b'), map.has('c'), map.get('c')]).toEqual([
      2,
      true,
      3,
      2,
      false,
      undefined,
    ]);
    expect([[...map.keys()], [...map.values()]]).toEqual([
      ['a', 'b'],
      [3, 2],
    ]);
  });

  test('uses the place of what was deleted again, for another key', () => {
    const map = new TurnoverMap<string, number>();
    map.set('a', 1);
    map.set('b', 2);
    expect([map.delete('a'), map.delete('a'), map.has('a'), map.get('a')]).toEqual([true, false, false, undefined]);
    map.set('c', 3);
    map.set('a', 4);
    expect([[...map.keys()], [...map.values()]]).toEqual([
      ['b', 'c', 'a'],
      [2, 3, 4],
    ]);
  });

  test('gives what has been there for longest first', () => {
    const map = new TurnoverMap<string, number>();
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    expect([map.takeFirst(), map.takeFirst(), map.takeFirst(), map.size]).toEqual([3, 2, undefined, 0]);
  });

  test('lets what is there be deleted while it is gone through', () => {
    const map = new TurnoverMap<string, string>();
    for (const key of ['a', 'b', 'c']) map.set(key, key);
    const seen: string[] = [];
    for (const value of map.values()) {
      seen.push(value);
      map.delete(value);
    }
    expect([seen, map.size]).toEqual([['a', 'b', 'c'], 0]);
  });

  test('is empty when it was cleared', () => {
    const map = new TurnoverMap<string, number>();
    map.set('a', 1);
    map.clear();
    expect([map.size, map.get('a'), [...map.values()]]).toEqual([0, undefined, []]);
    map.set('b', 2);
    expect([...map.values()]).toEqual([2]);
  });

  test('keeps nothing alive that is gone, as a Map does that is old', () => {
    const kept = { map: promotedBy(new Map()), turnover: promotedBy(new TurnoverMap()) };
    expect(kept.map).toBeGreaterThan(2_000_000);
    expect(kept.turnover).toBeLessThan(1_000_000);
  });
});

interface Entries {
  set(key: string, value: unknown): unknown;
  delete(key: string): unknown;
}

/** Puts 6 MB through a map that holds a tenth of a megabyte. @returns bytes that went to the old generation */
function promotedBy(map: Entries): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;
  collect(); // so that the old generation is not collected meanwhile
  const collectYoung = (): void => collect({ type: 'minor' });
  let count = 0;
  const turnOver = (): void => {
    for (let turn = 0; turn < 200; turn++, count++) {
      map.set(
        `run ${count}`,
        Array.from({ length: 128 }, () => count),
      );
      map.delete(`run ${count - 100}`);
    }
    collectYoung();
  };
  for (let round = 0; round < 5; round++) turnOver();
  for (let times = 0; times < 3; times++) collectYoung(); // now the map is old
  const before = oldBytes();
  for (let round = 0; round < 30; round++) turnOver();
  return oldBytes() - before;
}

function oldBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')!.space_used_size;
}
