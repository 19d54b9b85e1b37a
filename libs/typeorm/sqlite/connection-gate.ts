import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import type { DataSource, EntitySubscriberInterface } from 'typeorm';
import { StoreBusyError } from '../errors.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** How long a read or a write waits for somebody else's transaction before it gives up. */
const PATIENCE_MS = 10_000;
/** How often to look for the end of a transaction that TypeORM does not tell of. */
const LOOK_MS = 10;

/**
 * Keeps our statements out of other people's transactions.
 *
 * SQLite has one connection and TypeORM has no lock on it: a statement that runs while somebody's transaction is open
 * becomes part of it, sees what is not committed, and is lost when it is rolled back. What we run is synchronous, so
 * it is enough to begin only while no transaction is open.
 */
export class ConnectionGate {
  private callbacks: (() => void)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private readonly subscriber: EntitySubscriberInterface = {
    afterTransactionCommit: () => this.look(),
    afterTransactionRollback: () => this.look(),
  };

  constructor(
    private readonly database: SqliteDatabase,
    private readonly dataSource: Pick<DataSource, 'subscribers'>,
    readonly patienceMs = PATIENCE_MS,
  ) {
    dataSource.subscribers.push(this.subscriber);
  }

  get isFree(): boolean {
    return !this.database.inTransaction;
  }

  /** Calls back when a transaction has ended, or after a while: the caller looks again whether the gate is free. */
  onceChanged(callback: () => void): void {
    this.callbacks.push(callback);
    this.timer ??= setTimeout(() => this.look(), LOOK_MS);
  }

  /** Reads as soon as no transaction is open. */
  async run<Result>(read: () => Result): Promise<Result> {
    const since = performance.now();
    while (!this.isFree) {
      if (performance.now() - since > this.patienceMs) throw new StoreBusyError(this.patienceMs);
      await new Promise<void>((resolve) => this.onceChanged(resolve));
    }
    return read();
  }

  close(): void {
    const { subscribers } = this.dataSource;
    const index = subscribers.indexOf(this.subscriber);
    if (index >= 0) subscribers.splice(index, 1);
  }

  private look(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const callback of this.callbacks.splice(0)) callback();
  }
}
