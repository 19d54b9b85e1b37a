import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { compiled } from '../../test/processes/support/compiled.js';

/** What a script begins with that uses this lib as its source stands, without Jest. */
const PROLOGUE = `
  import 'reflect-metadata';
  import { TypeOrmStore } from ${JSON.stringify(pathToFileURL(compiled('libs/typeorm/index.ts')).href)};`;

/** A process of its own that runs a script with `TypeOrmStore`, and tells what it does, a line at a time. */
export class OtherProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly lines: AsyncIterator<string>,
  ) {}

  static start(script: string): OtherProcess {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', PROLOGUE + script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (!child.stdout) throw new Error('A child process has no output.');
    return new OtherProcess(child, createInterface(child.stdout)[Symbol.asyncIterator]());
  }

  /** The next line that it prints. */
  async line(): Promise<string | undefined> {
    const { value, done } = await this.lines.next();
    return done ? undefined : value;
  }

  /** Ends it as the kernel would, without a chance to clean up. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}
