import { inspect } from 'node:util';
import { WorkflowError } from '../../libs/core/index.js';
import { runProcess } from './run-process.js';
import { answerTo } from './usage.js';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * The whole of a program: runs a process as `runProcess` does, hands its work over when SIGTERM or SIGINT comes, and
 * ends with exit code 0; with 1 and a message on standard error if it cannot run as it is configured. `--help` and
 * `--version` are answered.
 *
 * It ends by itself instead of sending itself the signal again, which does nothing to the first process of a container.
 */
export async function runUntilStopped(role: 'orchestrator' | 'step-worker'): Promise<never> {
  const answer = answerTo(process.argv.slice(2), role);
  if (answer) {
    (answer.exitCode === 0 ? process.stdout : process.stderr).write(`${answer.text}\n`);
    process.exit(answer.exitCode);
  }
  // Listened to from the beginning: a process that is still starting up has nothing to hand over.
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of SIGNALS) process.on(signal, resolve);
  });
  try {
    const running = await Promise.race([runProcess(role), stopped]);
    if (typeof running === 'object') {
      await stopped;
      await running.close();
    }
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    process.exit(1);
  }
}

/** Our own errors say all there is to say; of others, the application's, one wants to see where they come from. */
function describe(error: unknown): string {
  return error instanceof WorkflowError ? error.message : inspect(error);
}
