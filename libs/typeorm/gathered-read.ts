import { setImmediate } from 'node:timers';
import type { SqlReader, SqlValue } from './backend.js';

/** A longer answer would keep the process from its other work for too long. */
const MOST_AT_ONCE = 64;
/** While the server answers one, the next is on its way. */
const MOST_UNDER_WAY = 2;

interface Asked<Result> {
  readonly runId: string;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads the rows of single runs: those that are asked for in one turn of the event loop, and all that are while the
 * server is busy, with one statement.
 *
 * A run is read after it was asked for. A statement that fails is sent again for each run, so that only the bad one fails.
 */
export class GatheredRead<Row extends { readonly run_id: string }, Result> {
  private waiting: Asked<Result>[] = [];
  private underWay = 0;
  private isScheduled = false;

  /**
   * @param sql the statement for a list of `?`, which yields the rows of each run in their order
   * @param toResult makes of the rows of a run what was asked for
   * @param others the parameters that come after the list
   */
  constructor(
    private readonly reader: SqlReader,
    private readonly sql: (list: string) => string,
    private readonly toResult: (rows: readonly Row[]) => Result,
    private readonly others: readonly SqlValue[] = [],
  ) {}

  of(runId: string): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ runId, resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      while (this.waiting.length > 0 && this.underWay < MOST_UNDER_WAY) {
        this.underWay += 1;
        void this.settle(this.waiting.splice(0, MOST_AT_ONCE)).then(() => {
          this.underWay -= 1;
          if (this.waiting.length > 0) this.schedule();
        });
      }
    });
  }

  /** Never rejects. */
  private async settle(asked: readonly Asked<Result>[]): Promise<void> {
    try {
      const rows = await this.read([...new Set(asked.map(({ runId }) => runId))]);
      for (const { runId, resolve } of asked) resolve(this.toResult(rows.get(runId) ?? []));
    } catch (error) {
      if (asked.length === 1) asked[0]!.reject(error);
      else await Promise.all(asked.map((one) => this.settle([one])));
    }
  }

  private async read(runIds: readonly string[]): Promise<ReadonlyMap<string, readonly Row[]>> {
    const list = padded(runIds);
    const sql = this.sql(list.map(() => '?').join(', '));
    const found = new Map<string, Row[]>();
    for (const row of await this.reader.query<Row>(sql, [...list, ...this.others])) {
      const rows = found.get(row.run_id);
      if (rows) rows.push(row);
      else found.set(row.run_id, [row]);
    }
    return found;
  }
}

/** To a power of two, so that a few statements serve all lengths: a prepared one is kept for each. */
function padded(runIds: readonly string[]): readonly string[] {
  const length = 2 ** Math.ceil(Math.log2(runIds.length));
  return [...runIds, ...Array.from({ length: length - runIds.length }, () => runIds[0]!)];
}
