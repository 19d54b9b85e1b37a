/** The latest of many items, as many as there is room for. */
export class Latest<Item> {
  private items: Item[] = [];
  /** Where the oldest one is, once there is no more room. */
  private oldest = 0;

  constructor(private readonly room: number) {}

  add(item: Item): void {
    if (this.items.length < this.room) {
      this.items.push(item);
      return;
    }
    this.items[this.oldest] = item;
    this.oldest = (this.oldest + 1) % this.room;
  }

  /** Hands them over, in the order in which they came, and keeps none. */
  take(): readonly Item[] {
    const { items, oldest } = this;
    this.items = [];
    this.oldest = 0;
    return [...items.slice(oldest), ...items.slice(0, oldest)];
  }
}
