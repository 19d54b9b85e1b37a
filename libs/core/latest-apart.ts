import { RareMap } from './rare-map.js';

/**
 * Entries by what they are and whose, in the order in which they came; the latest is kept apart.
 *
 * Code that does one thing after another has one entry at a time, thousands of times: a Map would make itself anew each
 * time that it becomes empty, and needs one text for a key.
 */
export class LatestApart<Entry> {
  private readonly earlier = new RareMap<string, Entry>();
  private latest: Entry | undefined;
  private latestKind = '';
  private latestId = '';

  get(kind: string, id: string): Entry | undefined {
    if (this.isLatest(kind, id)) return this.latest;
    return this.earlier.size === 0 ? undefined : this.earlier.get(keyOf(kind, id));
  }

  /** Takes the place of the entry that has this key, if there is one. */
  set(kind: string, id: string, entry: Entry): void {
    if (this.earlier.size > 0 && this.earlier.has(keyOf(kind, id))) {
      this.earlier.set(keyOf(kind, id), entry);
      return;
    }
    if (this.latest !== undefined && !this.isLatest(kind, id))
      this.earlier.set(keyOf(this.latestKind, this.latestId), this.latest);
    this.latest = entry;
    this.latestKind = kind;
    this.latestId = id;
  }

  /** @returns false if there is none */
  delete(kind: string, id: string): boolean {
    if (!this.isLatest(kind, id)) return this.earlier.size > 0 && this.earlier.delete(keyOf(kind, id));
    this.latest = undefined;
    return true;
  }

  clear(): void {
    this.earlier.clear();
    this.latest = undefined;
  }

  /** Whether there is one like this. */
  some(isOne: (entry: Entry) => boolean): boolean {
    if (this.latest !== undefined && isOne(this.latest)) return true;
    for (const entry of this.earlier.values()) if (isOne(entry)) return true;
    return false;
  }

  *values(): Generator<Entry, void, undefined> {
    yield* this.earlier.values();
    if (this.latest !== undefined) yield this.latest;
  }

  private isLatest(kind: string, id: string): boolean {
    return this.latest !== undefined && this.latestId === id && this.latestKind === kind;
  }
}

function keyOf(kind: string, id: string): string {
  return `${kind} ${id}`;
}
