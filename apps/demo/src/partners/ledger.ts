import { appendFileSync, readFileSync } from 'node:fs';

/**
 * What became of a call to a partner:
 * - `done`: it had its effect
 * - `refused`: answered for good without an effect, such as a card that was declined
 * - `repeated`: a call with this key had been answered before, and gets the same answer without another effect
 * - `unavailable`: no effect and no answer, try again
 */
export type Outcome = 'done' | 'refused' | 'repeated' | 'unavailable';

/** One call that a partner got from the shop. */
export interface LedgerRow {
  readonly at: number;
  /** The process that called. */
  readonly pid: number;
  /** Such as `payments` and `charge`. */
  readonly partner: string;
  readonly action: string;
  /** The idempotency key of the call. */
  readonly key: string;
  /** What it was about: an order, a product. */
  readonly about: string;
  readonly outcome: Outcome;
  /** The partner did its work, and the connection broke before it could say so. */
  readonly isAnswerLost?: boolean;
  /** What was asked for. */
  readonly request: Readonly<Record<string, unknown>>;
}

/** The partners' own books: a file that is only appended to. The engine knows nothing of it. */
export class Ledger {
  constructor(readonly path: string) {}

  write(call: Omit<LedgerRow, 'at'>): LedgerRow {
    const row = { at: Date.now(), ...call };
    appendFileSync(this.path, `${JSON.stringify(row)}\n`);
    return row;
  }

  read(): readonly LedgerRow[] {
    const lines = readFileSync(this.path, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as LedgerRow);
  }
}
