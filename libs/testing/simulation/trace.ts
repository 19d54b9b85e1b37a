import { createHash } from 'node:crypto';

/** What has happened in a simulated world, line by line; the same for the same seed. */
export class Trace {
  readonly lines: string[] = [];
  readonly violations: string[] = [];

  constructor(private readonly now: () => number) {}

  note(line: string): void {
    this.lines.push(`${this.now().toFixed(3)} ${line}`);
  }

  /** A promise that was not kept. */
  violate(what: string): void {
    this.violations.push(what);
    this.note(`VIOLATION ${what}`);
  }

  get digest(): string {
    return createHash('sha256').update(this.lines.join('\n')).digest('hex');
  }
}
