import { runProcess } from './run-process.js';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * The whole of a program: runs a process as `runProcess` does, hands its work over when SIGTERM or SIGINT comes, and
 * ends with exit code 0; with 1 and a line on standard error if it cannot run as it is configured.
 *
 * It ends by itself instead of sending itself the signal again, which does nothing to the first process of a container.
 */
export async function runUntilStopped(role: 'orchestrator' | 'step-worker'): Promise<never> {
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
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
