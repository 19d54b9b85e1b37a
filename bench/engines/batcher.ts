const MAX_BATCH = 256;
const MAX_UNDER_WAY = 2;
/** From so many on, each batch takes its share. */
const SHARED_FROM = 64;

/** Writes together what comes during one turn of the event loop, and all that comes while the server is busy; as the engine does. */
export class Batcher<Item> {
  private waiting: { readonly item: Item; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] =
    [];
  private underWay = 0;
  private isScheduled = false;

  constructor(private readonly write: (items: readonly Item[]) => Promise<void>) {}

  add(item: Item): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      while (this.underWay < MAX_UNDER_WAY && this.waiting.length > 0) void this.flush();
    });
  }

  private async flush(): Promise<void> {
    const { length } = this.waiting;
    const share = length < SHARED_FROM ? length : Math.ceil(length / (MAX_UNDER_WAY - this.underWay));
    const batch = this.waiting.splice(0, Math.min(share, MAX_BATCH));
    this.underWay++;
    try {
      await this.write(batch.map(({ item }) => item));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    this.underWay--;
    this.schedule();
  }
}
