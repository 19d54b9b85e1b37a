import { EventEmitter, once } from 'node:events';
import type { LedgerRow } from '../partners/ledger.js';

/** What the partners have seen so far, for the progress and to know when all is done. */
export class Tally {
  /** Orders that have been started, as the warehouse knows it. */
  readonly begun = new Set<string>();
  readonly ended = new Map<string, string>();
  readonly askedFor = new Set<string>();
  /** Calls that had to be made again. */
  again = 0;
  readonly firstCallOf = new Map<number, number>();
  private readonly news = new EventEmitter();

  add(row: LedgerRow): void {
    if (!this.firstCallOf.has(row.pid)) this.firstCallOf.set(row.pid, row.at);
    if (row.action === 'reserve') this.begun.add(row.about);
    if (row.outcome === 'unavailable' || row.isAnswerLost) this.again += 1;
    if (row.outcome === 'done' && row.request['kind'] === 'approval') this.askedFor.add(row.about);
    if (row.outcome === 'done' && row.request['kind'] === 'end')
      this.ended.set(row.about, String(row.request['state']));
    this.news.emit('row', row);
  }

  get underWay(): number {
    return this.begun.size - this.ended.size;
  }

  get waitingForManager(): number {
    return [...this.askedFor].filter((order) => !this.ended.has(order)).length;
  }

  onRow(listener: (row: LedgerRow) => void): void {
    this.news.on('row', listener);
  }

  async until(isSo: () => boolean, signal: AbortSignal): Promise<void> {
    while (!isSo()) await once(this.news, 'row', { signal });
  }
}
