import { StoreClosedError } from './store-errors.js';

/** What a store works with between `open` and `close`: one at a time, however often and close together these are called. */
export class Opening<Backend> {
  private opening: Promise<Backend> | undefined;
  private opened: Backend | undefined;
  private closing: Promise<void> = Promise.resolve();

  /** @param end finishes what is under way, then lets go */
  constructor(
    private readonly begin: () => Promise<Backend>,
    private readonly end: (backend: Backend) => Promise<void>,
  ) {}

  /** Waits until what was closed is closed. May be called again after it has failed. */
  async open(): Promise<void> {
    await this.closing;
    this.opening ??= this.begin();
    try {
      this.opened = await this.opening;
    } catch (error) {
      this.opening = undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    const backend = await this.opening?.catch(() => undefined);
    if (backend !== undefined && backend === this.opened) {
      this.opening = undefined;
      this.opened = undefined;
      this.closing = this.end(backend);
    }
    await this.closing;
  }

  /** @throws StoreClosedError before it is open and after it is closed */
  get current(): Backend {
    if (this.opened === undefined) throw new StoreClosedError();
    return this.opened;
  }

  /** For those who must not wait a turn more than the work itself. Rejects where `current` throws. */
  use<Result>(work: (backend: Backend) => Promise<Result>): Promise<Result> {
    return this.opened === undefined ? Promise.reject(new StoreClosedError()) : work(this.opened);
  }
}
