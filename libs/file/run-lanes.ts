import type { Decision, RunChange } from '../tables/index.js';

/**
 * Where a change has to be before it counts. `memory`: written when the store is closed. `file`: it outlives the process
 * however that ends. `disk`: it outlives a power failure.
 */
export type Durability = 'memory' | 'file' | 'disk';

export interface Task<Result> {
  /** Looks at what counts now. Called once, when all that it depends on is written. */
  decide(): Decision<Result> & { readonly durability: Durability };
  /** What it takes for itself beside its run, so that nobody else takes that meanwhile. */
  readonly takes?: readonly string[];
  /** Tasks of one run that have names do not depend on each other, unless the names are the same: one write for them. */
  readonly name?: string;
}

/** Writes changes down and then makes them. */
export interface ChangeSink {
  write(runId: string, changes: readonly RunChange[], durability: Durability): Promise<void>;
  apply(change: RunChange): void;
}

interface Entry {
  readonly task: Task<unknown>;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
}

type Decided = Entry & ReturnType<Task<unknown>['decide']>;

/**
 * Decides, writes and makes changes: those of one run one after another, those of different runs at once.
 *
 * L1. What readers see is written: a change is made in memory when it is in its file.
 * L2. A change is decided when all is made that it could depend on, so that nothing has to be taken back if a write
 *     fails: the file is as before, and so is the memory.
 */
export class RunLanes {
  private readonly lanes = new Map<string, Entry[]>();
  private readonly taken = new Map<string, Promise<void>>();
  private onIdle: (() => void)[] = [];

  constructor(private readonly sink: ChangeSink) {}

  submit<Result>(runId: string, task: Task<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const entry: Entry = { task, resolve, reject };
      const lane = this.lanes.get(runId);
      if (lane) lane.push(entry);
      else void this.drain(runId, [entry]);
    });
  }

  /** Resolves when all that was handed in is done. */
  idle(): Promise<void> {
    if (this.lanes.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.onIdle.push(resolve));
  }

  private async drain(runId: string, lane: Entry[]): Promise<void> {
    this.lanes.set(runId, lane);
    while (lane.length > 0) await this.perform(runId, nextGroup(lane));
    this.lanes.delete(runId);
    if (this.lanes.size === 0) for (const resolve of this.onIdle.splice(0)) resolve();
  }

  private async perform(runId: string, group: readonly Entry[]): Promise<void> {
    const takes = group.flatMap(({ task }) => task.takes ?? []);
    // Nothing may come between the last look and the taking.
    for (let holder = this.holderOf(takes); holder; holder = this.holderOf(takes)) await holder;
    const decided = group.flatMap(decide);
    const changing = decided.filter(({ change }) => change !== undefined);
    let release: (() => void) | undefined;
    if (takes.length > 0 && changing.length > 0) release = this.take(takes);
    try {
      const changes = changing.flatMap(({ change }) => change ?? []);
      if (changes.length > 0) await this.sink.write(runId, changes, changing[0]!.durability);
      for (const change of changes) this.sink.apply(change);
      for (const { resolve, result } of decided) resolve(result as never);
    } catch (error) {
      for (const { resolve, reject, change, result } of decided) {
        if (change) reject(error);
        else resolve(result as never);
      }
    } finally {
      release?.();
    }
  }

  private holderOf(names: readonly string[]): Promise<void> | undefined {
    for (const name of names) {
      const holder = this.taken.get(name);
      if (holder) return holder;
    }
    return undefined;
  }

  /** @returns what lets go of them */
  private take(names: readonly string[]): () => void {
    let letGo = (): void => {};
    const held = new Promise<void>((resolve) => (letGo = resolve));
    for (const name of names) this.taken.set(name, held);
    return () => {
      for (const name of names) this.taken.delete(name);
      letGo();
    };
  }
}

/** Takes those off the lane that are written together: the first, and what follows as long as it does not matter. */
function nextGroup(lane: Entry[]): readonly Entry[] {
  const names = new Set<string>();
  let count = 0;
  for (const { task } of lane) {
    if (task.name === undefined || names.has(task.name)) break;
    names.add(task.name);
    count++;
  }
  return lane.splice(0, Math.max(1, count));
}

function decide(entry: Entry): Decided[] {
  try {
    return [{ ...entry, ...entry.task.decide() }];
  } catch (error) {
    entry.reject(error);
    return [];
  }
}
