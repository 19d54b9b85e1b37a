import type { RunPosition } from '../core/index.js';
import type { RunFile } from './run-files.js';
import { type HookRow, type ListedRun, newestFirst, type RunRows } from '../tables/index.js';

/** What is kept in memory of a run that has ended, and what a line of the index says: enough to find it. */
export interface EndedRun extends ListedRun {
  readonly idempotencyKey?: string;
  readonly inputDigest?: string;
  readonly hooks?: readonly HookRow[];
  /** Where in its file the line begins that has its row. */
  readonly rowAt: number;
  /** There are lines in its file that say what takes the place of earlier events. */
  readonly isCompacted?: true;
}

type Place = Pick<RunFile, 'lastLineAt' | 'compacts'>;

export function endedRun({ record, hooks }: RunRows, { lastLineAt, compacts }: Place): EndedRun {
  const { runId, workflow, status, createdAt, tags, idempotencyKey, inputDigest } = record;
  return {
    ...{ runId, workflow, status, createdAt, tags },
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    ...(inputDigest !== undefined && { inputDigest }),
    ...(hooks.size > 0 && { hooks: [...hooks.values()] }),
    rowAt: lastLineAt,
    ...(compacts.length > 0 && { isCompacted: true }),
  };
}

/** The runs that have ended, by id and in the order of lists. */
export class EndedRuns {
  private readonly byId = new Map<string, EndedRun>();
  /** The oldest first, as they come more or less in that order. */
  private readonly ordered: EndedRun[] = [];

  get(runId: string): EndedRun | undefined {
    return this.byId.get(runId);
  }

  add(run: EndedRun): void {
    this.byId.set(run.runId, run);
    this.ordered.splice(this.countBefore(run), 0, run);
  }

  addAll(runs: Iterable<EndedRun>): void {
    for (const run of runs) {
      this.byId.set(run.runId, run);
      this.ordered.push(run);
    }
    this.ordered.sort((a, b) => newestFirst(b, a));
  }

  /** The newest first, from behind a place in the list. */
  *newest(last?: RunPosition): Iterable<EndedRun> {
    for (let index = last ? this.countBefore(last) : this.ordered.length; index-- > 0;) {
      yield this.ordered[index]!;
    }
  }

  /** How many are older than that. */
  private countBefore(position: RunPosition): number {
    let low = 0;
    let high = this.ordered.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (newestFirst(this.ordered[middle]!, position) > 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
