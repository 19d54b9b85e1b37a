/**
 * A map whose values come and go by the thousand, such as the runs that a process holds.
 *
 * A `Map` would hold on to what it has deleted. Once enough of it is gone V8 makes a new table, and the old one goes on
 * pointing to all that it held then. When the table is in the old generation, as that of a map which has been there for
 * a while, it is not collected for long, and all that it points to is taken for alive until then: each collection of the
 * young generation copies it. Here the table has numbers in it; the values are in an array, whose places are cleared and
 * used again. It keeps the room of the most that it has held.
 */
export class TurnoverMap<Key, Value> {
  private readonly places = new Map<Key, number>();
  private held: (Value | undefined)[] = [];
  private free: number[] = [];

  get size(): number {
    return this.places.size;
  }

  has(key: Key): boolean {
    return this.places.has(key);
  }

  get(key: Key): Value | undefined {
    const place = this.places.get(key);
    return place === undefined ? undefined : this.held[place];
  }

  set(key: Key, value: Value): void {
    let place = this.places.get(key);
    if (place === undefined) {
      place = this.free.pop() ?? this.held.length;
      this.places.set(key, place);
    }
    this.held[place] = value;
  }

  /** @returns whether there was one */
  delete(key: Key): boolean {
    const place = this.places.get(key);
    if (place === undefined) return false;
    this.places.delete(key);
    this.held[place] = undefined;
    this.free.push(place);
    return true;
  }

  /** Takes out what has been there for longest. */
  takeFirst(): Value | undefined {
    for (const [key, place] of this.places) {
      const value = this.held[place];
      this.delete(key);
      return value;
    }
    return undefined;
  }

  clear(): void {
    this.places.clear();
    this.held = [];
    this.free = [];
  }

  keys(): IterableIterator<Key> {
    return this.places.keys();
  }

  /** In the order in which the keys came. */
  *values(): Generator<Value, void, undefined> {
    for (const place of this.places.values()) yield this.held[place] as Value;
  }
}
