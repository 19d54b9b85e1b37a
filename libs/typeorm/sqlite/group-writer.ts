import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';
import { StoreWriteError } from '../../core/index.js';
import { StoreBusyError } from '../errors.js';
import type { ConnectionGate } from './connection-gate.js';
import { isBusy, isOfTheDisk } from './sqlite-errors.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** So that a batch does not hold up the event loop for long. */
const MAX_BATCH = 256;

/** A change of the database: synchronous, free of other effects, and to be written whole or not at all. */
interface Task {
  readonly work: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  readonly since: number;
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

/**
 * Writes the changes that are handed in during one turn of the event loop in one transaction: one fsync for all.
 *
 * Each stays all-or-nothing: if one throws, the transaction is rolled back and written again with a savepoint around
 * each change, so that only the bad one fails. Nobody hears of a change before it is committed.
 */
export class GroupWriter {
  private waiting: Task[] = [];
  private isScheduled = false;
  private onIdle: (() => void)[] = [];
  transactions = 0;

  constructor(
    private readonly database: SqliteDatabase,
    private readonly gate: ConnectionGate,
    /** Of the database, for messages. */
    private readonly path: string,
  ) {}

  write<Result>(work: () => Result): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.waiting.push({ work, resolve, reject, since: performance.now() });
      this.schedule();
    });
  }

  /** Resolves when all that was handed in is written. */
  idle(): Promise<void> {
    if (this.waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.onIdle.push(resolve));
  }

  /** Not a microtask: what others hand in during this turn shall come along, and a turn is short beside an fsync. */
  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.flush());
  }

  private flush(): void {
    this.isScheduled = false;
    const batch = this.waiting.splice(0, MAX_BATCH);
    if (this.gate.isFree) this.writeBatch(batch);
    else this.putBack(batch);
    if (this.waiting.length > 0) this.schedule();
    else for (const resolve of this.onIdle.splice(0)) resolve();
  }

  private writeBatch(batch: readonly Task[]): void {
    let outcomes: readonly Outcome[];
    try {
      outcomes = this.transaction(() => batch.map(({ work }) => ({ value: work() })));
    } catch (error) {
      if (isBusy(error)) return this.putBack(batch);
      outcomes = batch.length === 1 ? [{ error }] : this.writeOneByOne(batch);
    }
    for (const [index, outcome] of outcomes.entries()) this.settle(batch[index], outcome);
  }

  private writeOneByOne(batch: readonly Task[]): readonly Outcome[] {
    try {
      return this.transaction(() => batch.map((task) => this.savepoint(task)));
    } catch (error) {
      return batch.map(() => ({ error }));
    }
  }

  private transaction<Result>(work: () => Result): Result {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.database.exec('COMMIT');
      this.transactions++;
      return result;
    } catch (error) {
      // A full disk and the like have rolled it back already.
      if (this.database.inTransaction) this.database.exec('ROLLBACK');
      throw error;
    }
  }

  private savepoint({ work }: Task): Outcome {
    this.database.exec('SAVEPOINT change');
    try {
      const value = work();
      this.database.exec('RELEASE change');
      return { value };
    } catch (error) {
      if (!this.database.inTransaction) throw error;
      this.database.exec('ROLLBACK TO change; RELEASE change');
      return { error };
    }
  }

  /** Somebody else is writing: waits, but not for ever. */
  private putBack(batch: readonly Task[]): void {
    const { patienceMs } = this.gate;
    const deadline = performance.now() - patienceMs;
    const patient: Task[] = [];
    for (const task of batch) {
      if (task.since < deadline) task.reject(new StoreBusyError(patienceMs));
      else patient.push(task);
    }
    this.waiting = [...patient, ...this.waiting];
    this.isScheduled = true;
    this.gate.onceChanged(() => this.flush());
  }

  private settle(task: Task | undefined, outcome: Outcome): void {
    if (!task) return;
    if (!('error' in outcome)) task.resolve(outcome.value as never);
    else task.reject(isOfTheDisk(outcome.error) ? new StoreWriteError(this.path, outcome.error) : outcome.error);
  }
}
