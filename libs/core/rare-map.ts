const NOTHING = new Map<never, never>();

/** A map into which most runs never put anything: until then it is one empty map for all of them. */
export class RareMap<Key, Value> implements Iterable<[Key, Value]> {
  private entries: Map<Key, Value> = NOTHING;

  get size(): number {
    return this.entries.size;
  }

  [Symbol.iterator](): IterableIterator<[Key, Value]> {
    return this.entries[Symbol.iterator]();
  }

  values(): IterableIterator<Value> {
    return this.entries.values();
  }

  has(key: Key): boolean {
    return this.entries.has(key);
  }

  get(key: Key): Value | undefined {
    return this.entries.get(key);
  }

  set(key: Key, value: Value): void {
    if (this.entries === NOTHING) this.entries = new Map();
    this.entries.set(key, value);
  }

  delete(key: Key): boolean {
    return this.entries.delete(key);
  }

  clear(): void {
    this.entries = NOTHING;
  }
}
