import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Figures } from './workload.js';

export interface ChildTask {
  readonly engine: string;
  readonly workload: string;
  readonly isQuick: boolean;
  readonly databaseUrl?: string;
  /** Another database of the same server, to look from. */
  readonly adminUrl?: string;
  readonly redisUrl?: string;
  readonly keyPrefix?: string;
}

const LONGEST_MS = 30 * 60_000;
const KEPT_OUTPUT = 3_000;

/** Measures in a fresh process. Whatever goes wrong there is part of the figures. */
export function measureInChild(task: ChildTask): Promise<Figures> {
  const child = fork(fileURLToPath(new URL('child.js', import.meta.url)), {
    execArgv: ['--expose-gc', '--enable-source-maps', ...profiling()],
    env: { ...process.env, NODE_ENV: 'production', DO_NOT_TRACK: '1' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  const keep = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-KEPT_OUTPUT));
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  child.send(task);
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
  return new Promise((resolve) => {
    let figures: Figures | undefined;
    child.once('message', (message) => (figures = message as Figures));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      figures ??= { error: `The process ended with ${signal ?? code} and no result.` };
      resolve('error' in figures && output !== '' ? { ...figures, output } : figures);
    });
  });
}

/** `BENCH_CPU_PROF=directory` writes a profile of each measurement there. */
function profiling(): readonly string[] {
  const directory = process.env['BENCH_CPU_PROF'];
  return directory === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', directory];
}
