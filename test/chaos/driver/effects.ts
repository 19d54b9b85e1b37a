import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { Ledger, type LedgerRow } from '../../processes/support/ledger.js';

/** What the steps of all processes have done, read as it comes in. */
export class Effects {
  readonly rows: LedgerRow[] = [];
  private readonly ledger: Ledger;
  private offset = 0;
  private rest = Buffer.alloc(0);

  constructor(path: string) {
    this.ledger = new Ledger(path);
  }

  get path(): string {
    return this.ledger.path;
  }

  /** @returns all rows so far */
  read(): readonly LedgerRow[] {
    if (!existsSync(this.path)) return this.rows;
    const file = openSync(this.path, 'r');
    try {
      const chunk = Buffer.alloc(1 << 20);
      for (let length; (length = readSync(file, chunk, 0, chunk.length, this.offset)) > 0;) {
        this.offset += length;
        this.take(Buffer.concat([this.rest, chunk.subarray(0, length)]));
      }
    } finally {
      closeSync(file);
    }
    return this.rows;
  }

  /** Attempts that a process has begun and not ended. */
  openOf(pid: number): readonly LedgerRow[] {
    const mine = this.read().filter((row) => row.pid === pid);
    const ended = new Set(mine.filter(({ event }) => event === 'end').map(nameOf));
    return mine.filter((row) => row.event === 'begin' && !ended.has(nameOf(row)));
  }

  private take(text: Buffer): void {
    const end = text.lastIndexOf(10) + 1;
    this.rest = Buffer.from(text.subarray(end));
    for (const line of text.subarray(0, end).toString().split('\n')) {
      if (line !== '') this.rows.push(JSON.parse(line) as LedgerRow);
    }
  }
}

function nameOf({ key, attempt }: LedgerRow): string {
  return `${key} ${attempt}`;
}
