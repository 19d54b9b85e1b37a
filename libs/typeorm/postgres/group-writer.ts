import { setImmediate } from 'node:timers';
import type { Patience } from './patience.js';
import { isConflict, isUnreachable, OvertakenError } from './connection-errors.js';

const MAX_BATCH = 256;
/** While the server writes one batch to its disk, the next is on its way. */
const MAX_UNDER_WAY = 2;

/** How a kind of change is written. */
export interface Writing<Change, Result> {
  /** @throws what is told to whoever hands in a change that cannot be written */
  check(change: Change): void;
  /** Writes changes, each whole or not at all. `undefined` in place of a result asks for another attempt. */
  write(changes: readonly Change[]): Promise<readonly (Result | undefined)[]>;
  /** The results of those changes that an attempt without an answer has written after all. */
  recall(changes: readonly Change[]): Promise<readonly (Result | undefined)[]>;
  /** True if the change itself may be why it was refused, in an attempt without an answer before. */
  isRefusal(result: Result): boolean;
  /** Changes with one key are written one after another. */
  keyOf(change: Change): string;
  /** Changes of different kinds do not share a batch. */
  kindOf(change: Change): string;
  /**
   * Where so many changes wait, a batch takes its share of them: this process deals with one batch while the server
   * writes the other, instead of either waiting for the other. @default a batch takes all
   */
  readonly sharedFrom?: number;
  patience(): Patience;
}

interface Task<Change, Result> {
  readonly change: Change;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  /** An attempt had no answer: nobody knows whether it was written. */
  isUncertain: boolean;
  isSettled: boolean;
}

/**
 * Gathers the changes that are handed in during one turn of the event loop, and all that come while the server is
 * busy, and writes them together.
 *
 * A batch that fails as a whole is written again one by one, so that only the bad one fails. After a connection died
 * in the middle, what was written is looked up before anything is written again.
 */
export class GroupWriter<Change, Result> {
  private waiting: Task<Change, Result>[] = [];
  private readonly busyKeys = new Set<string>();
  private underWay = 0;
  private isScheduled = false;
  private onIdle: (() => void)[] = [];
  /** Changes handed in. */
  changes = 0;

  constructor(private readonly writing: Writing<Change, Result>) {}

  write(change: Change): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.writing.check(change);
      this.changes++;
      this.waiting.push({ change, resolve, reject, isUncertain: false, isSettled: false });
      this.schedule();
    });
  }

  /** Resolves when all that was handed in is written. */
  idle(): Promise<void> {
    if (this.waiting.length === 0 && this.underWay === 0) return Promise.resolve();
    return new Promise((resolve) => this.onIdle.push(resolve));
  }

  /** Not a microtask: what others hand in during this turn shall come along. */
  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.flush());
  }

  private flush(): void {
    this.isScheduled = false;
    while (this.underWay < MAX_UNDER_WAY) {
      const batch = this.takeBatch();
      if (batch.length === 0) break;
      this.underWay++;
      void this.settle(batch).then(() => this.finish(batch));
    }
    if (this.waiting.length === 0 && this.underWay === 0) for (const resolve of this.onIdle.splice(0)) resolve();
  }

  private largestBatch(): number {
    const { length } = this.waiting;
    const { sharedFrom = Infinity } = this.writing;
    const share = length < sharedFrom ? length : Math.ceil(length / (MAX_UNDER_WAY - this.underWay));
    return Math.min(share, MAX_BATCH);
  }

  private finish(batch: readonly Task<Change, Result>[]): void {
    this.underWay--;
    for (const { change } of batch) this.busyKeys.delete(this.writing.keyOf(change));
    if (this.waiting.length > 0 || this.onIdle.length > 0) this.schedule();
  }

  /** The longest waiting changes of one kind, at most one with each key. */
  private takeBatch(): readonly Task<Change, Result>[] {
    const { keyOf, kindOf } = this.writing;
    const largest = this.largestBatch();
    const batch: Task<Change, Result>[] = [];
    const others: Task<Change, Result>[] = [];
    // A change must not overtake one with the same key that waits.
    const passed = new Set<string>();
    for (const task of this.waiting) {
      const key = keyOf(task.change);
      const [first] = batch;
      const fits = batch.length < largest && (!first || kindOf(first.change) === kindOf(task.change));
      if (fits && !passed.has(key) && !this.busyKeys.has(key)) {
        this.busyKeys.add(key);
        batch.push(task);
      } else {
        passed.add(key);
        others.push(task);
      }
    }
    this.waiting = others;
    return batch;
  }

  /** Never rejects. */
  private async settle(batch: readonly Task<Change, Result>[]): Promise<void> {
    const patience = this.writing.patience();
    for (let pending = batch; pending.length > 0; pending = pending.filter(({ isSettled }) => !isSettled)) {
      try {
        await this.attempt(pending);
        if (pending.some(({ isSettled }) => !isSettled)) await patience.afterFailure(new OvertakenError());
      } catch (error) {
        if (isUnreachable(error)) for (const task of pending) task.isUncertain = true;
        else if (pending.length > 1 && !isConflict(error)) return this.settleOneByOne(pending);
        await patience.afterFailure(error).catch((final: unknown) => {
          for (const task of pending) settle(task, () => task.reject(final));
        });
      }
    }
  }

  private async settleOneByOne(batch: readonly Task<Change, Result>[]): Promise<void> {
    for (const task of batch) if (!task.isSettled) await this.settle([task]);
  }

  private async attempt(batch: readonly Task<Change, Result>[]): Promise<void> {
    if (batch.some(({ isUncertain }) => isUncertain)) await this.recall(batch);
    const unwritten = batch.filter(({ isSettled }) => !isSettled);
    if (unwritten.length === 0) return;
    const results = await this.writing.write(unwritten.map(({ change }) => change));
    const doubtful: [Task<Change, Result>, Result][] = [];
    for (const [index, task] of unwritten.entries()) {
      const result = results[index];
      if (result === undefined) continue;
      if (task.isUncertain && this.writing.isRefusal(result)) doubtful.push([task, result]);
      else settle(task, () => task.resolve(result));
    }
    // The attempt without an answer may have been written between the look and this attempt.
    if (doubtful.length > 0) await this.recall(doubtful.map(([task]) => task));
    for (const [task, result] of doubtful) settle(task, () => task.resolve(result));
  }

  /** Settles those that an attempt without an answer has written. */
  private async recall(batch: readonly Task<Change, Result>[]): Promise<void> {
    const uncertain = batch.filter(({ isUncertain }) => isUncertain);
    if (uncertain.length === 0) return;
    const results = await this.writing.recall(uncertain.map(({ change }) => change));
    for (const [index, task] of uncertain.entries()) {
      const result = results[index];
      if (result !== undefined) settle(task, () => task.resolve(result));
    }
  }
}

function settle(task: { isSettled: boolean }, tell: () => void): void {
  if (task.isSettled) return;
  task.isSettled = true;
  tell();
}
