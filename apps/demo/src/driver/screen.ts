import type { Tally } from './tally.js';

const REFRESH_MS = 100;
const BAR = 30;

/** Writes what happens: on a terminal the progress stays in one line, elsewhere it is a line for each tenth. */
export class Screen {
  private timer: NodeJS.Timeout | undefined;
  private tenths = 0;

  constructor(
    private readonly tally: Tally,
    private readonly total: number,
    private readonly out: NodeJS.WriteStream = process.stdout,
  ) {}

  say(text = ''): void {
    this.clear();
    this.out.write(`${text}\n`);
  }

  /** A line with a word in front that says who or what it is about. */
  tell(subject: string, text: string): void {
    this.say(`${subject.padEnd(9)}${text}`);
  }

  startProgress(): void {
    if (this.out.isTTY) this.timer = setInterval(() => this.draw(), REFRESH_MS);
    else this.tally.onRow(() => this.writeTenth());
  }

  stopProgress(): void {
    clearInterval(this.timer);
    this.clear();
    this.timer = undefined;
  }

  private draw(): void {
    const filled = Math.round((BAR * this.tally.ended.size) / this.total);
    const line = `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${this.describe()}`;
    this.out.write(`\r\u001B[2K${line.slice(0, this.out.columns - 1)}`);
  }

  private writeTenth(): void {
    const tenths = Math.floor((10 * this.tally.ended.size) / this.total);
    if (tenths === this.tenths) return;
    this.tenths = tenths;
    this.say(`${`${tenths * 10} %`.padStart(6)}   ${this.describe()}`);
  }

  private describe(): string {
    const { ended, underWay, waitingForManager, again } = this.tally;
    return (
      `${ended.size} of ${this.total} orders finished, ${underWay} under way, ` +
      `${waitingForManager} wait for the manager, ${again} calls failed so far`
    );
  }

  private clear(): void {
    if (this.timer) this.out.write('\r\u001B[2K');
  }
}
