import { BinaryHeap } from './binary-heap.js';

const sorted = (values: number[]) => [...values].sort((a, b) => a - b);

function drained(heap: BinaryHeap<number>): number[] {
  const items: number[] = [];
  while (heap.size > 0) items.push(heap.pop()!);
  return items;
}

describe('a binary heap', () => {
  it.each([
    [[]],
    [[1]],
    [[2, 1]],
    [[3, 1, 2]],
    [[5, 5, 1, 5]],
    [[9, 8, 7, 6, 5, 4, 3, 2, 1, 0]],
    [[4, 10, 3, 5, 1, 2, 7, 0, 6]],
  ])('gives %j in order', (values) => {
    const heap = new BinaryHeap<number>((a, b) => a < b);
    for (const value of values) heap.push(value);
    expect(heap.first).toBe(sorted(values)[0]);
    expect(drained(heap)).toEqual(sorted(values));
  });

  it('gives nothing when it is empty or cleared', () => {
    const heap = new BinaryHeap<number>((a, b) => a < b);
    expect(heap.pop()).toBeUndefined();
    heap.push(1);
    heap.clear();
    expect([heap.first, heap.size, heap.pop()]).toEqual([undefined, 0, undefined]);
  });
});
