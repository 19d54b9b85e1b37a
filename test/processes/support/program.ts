import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { isAbsolute } from 'node:path';
import { createInterface } from 'node:readline';
import { compiled } from './compiled.js';

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const PROGRAMS = 'test/processes/programs';

const live = new Set<Program>();

/** A Node process of its own that runs a program as its source stands. */
export class Program {
  readonly output: string[] = [];
  readonly exited: Promise<Exit>;
  private errors = '';
  private readonly onLine = new Set<() => void>();

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    this.exited = this.watch();
    live.add(this);
  }

  /**
   * @param script the path of its source, the name of one in `programs/`, or the absolute path of JavaScript
   * @param env what it is told, beside this process's environment
   */
  static start(script: string, env: Readonly<Record<string, string>> = {}): Program {
    const path = isAbsolute(script) ? script : compiled(script.endsWith('.ts') ? script : `${PROGRAMS}/${script}.ts`);
    const child = spawn(process.execPath, [path], {
      env: { ...process.env, NODE_OPTIONS: '', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    return new Program(script, child);
  }

  get pid(): number {
    return this.child.pid!;
  }

  get stderr(): string {
    return this.errors;
  }

  /** The first line that begins with a word, without it; waits for it. @throws if the process ends without it */
  async line(word: string, timeoutMs = 15_000): Promise<string> {
    const line = await this.find(`"${word}"`, (each) => each === word || each.startsWith(`${word} `), timeoutMs);
    return line.slice(word.length + 1);
  }

  /** Waits for a line with some words in it. @throws if the process ends without it */
  async says(words: string, timeoutMs = 30_000): Promise<void> {
    await this.find(`"${words}"`, (each) => each.includes(words), timeoutMs);
  }

  private async find(what: string, isIt: (line: string) => boolean, timeoutMs: number): Promise<string> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const line = this.output.find(isIt);
      if (line !== undefined) return line;
      const left = deadline - Date.now();
      if (!live.has(this) || left <= 0) throw new Error(this.describe(`printed no ${what}`));
      await this.news(left);
    }
  }

  /** Waits for the end, and brings it about if it does not come in time. */
  async end(timeoutMs = 60_000): Promise<Exit> {
    const timer = setTimeout(() => {
      this.errors += `It had to be killed, since it had not ended after ${timeoutMs} ms.`;
      this.child.kill('SIGKILL');
    }, timeoutMs);
    const exit = await this.exited;
    clearTimeout(timer);
    return exit;
  }

  /** Sends a signal and waits for the end. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    this.child.kill(signal);
    return this.exited;
  }

  /** What the process has said, for a failed test. */
  describe(fault: string): string {
    return [`${this.name} (process ${this.pid}) ${fault}. It wrote:`, ...this.output, this.errors].join('\n');
  }

  private async watch(): Promise<Exit> {
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    createInterface(this.child.stdout!).on('line', (line) => {
      this.output.push(line);
      this.tell();
    });
    const [code, signal] = (await once(this.child, 'close')) as [number | null, NodeJS.Signals | null];
    live.delete(this);
    this.tell();
    return { code, signal };
  }

  private tell(): void {
    for (const listener of this.onLine) listener();
  }

  private async news(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.onLine.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.onLine.add(done);
    });
  }
}

/** Ends the processes that a failed test has left. */
export async function endPrograms(): Promise<void> {
  await Promise.all([...live].map((program) => program.kill()));
}
