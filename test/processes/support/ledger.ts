import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** One thing that happened in the world outside the engine. */
export interface LedgerRow {
  readonly at: number;
  readonly pid: number;
  readonly event: string;
  readonly step?: string;
  readonly key?: string;
  readonly attempt?: number;
}

/** A file that processes append to and that outlives each of them: what really happened, whatever the engine says. */
export class Ledger {
  constructor(readonly path: string) {}

  /** One write in append mode: rows of several processes do not mix, and a row is written whole before this returns. */
  write(row: Omit<LedgerRow, 'at' | 'pid'>): void {
    appendFileSync(this.path, `${JSON.stringify({ at: Date.now(), pid: process.pid, ...row })}\n`);
  }

  rows(): readonly LedgerRow[] {
    if (!existsSync(this.path)) return [];
    const lines = readFileSync(this.path, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as LedgerRow);
  }

  /** What one process did. */
  of(pid: number): readonly LedgerRow[] {
    return this.rows().filter((row) => row.pid === pid);
  }
}

/** The steps of these rows that have begun, in order. */
export function begun(rows: readonly LedgerRow[]): readonly string[] {
  return rows.flatMap(({ event, step }) => (event === 'begin' && step !== undefined ? [step] : []));
}
