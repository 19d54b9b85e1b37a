import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** On a machine that is busy, dropping the databases of a hundred specs takes its time. */
const STOP_TIMEOUT_MS = 120_000;

/**
 * Starts the caretaker and resolves to what it provides, with a `stop` that waits until everything is gone.
 * Also for scripts that need real servers: benchmarks, simulations.
 *
 * Private servers lose what they hold when the machine fails, which is faster; `isDurable` makes them keep it.
 */
export async function startServices({ isDurable = false } = {}) {
  const program = fileURLToPath(new URL('caretaker.mjs', import.meta.url));
  const caretaker = spawn(process.execPath, [program, ...(isDurable ? ['--durable'] : [])], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true, // out of the terminal's process group
  });
  const gone = new Promise((resolve) => caretaker.once('exit', resolve));
  const services = JSON.parse(await Promise.race([firstLine(caretaker.stdout), gone.then(failed)]));

  // The test run may end without a call of `stop`; the closed pipe then does the same.
  caretaker.unref();
  caretaker.stdin.unref();
  caretaker.stdout.unref();

  return { ...services, stop: () => stop(caretaker, gone) };
}

async function stop(caretaker, gone) {
  caretaker.ref();
  caretaker.stdin.end();
  const timer = setTimeout(() => caretaker.kill('SIGKILL'), STOP_TIMEOUT_MS);
  const code = await gone;
  clearTimeout(timer);
  if (code === 0) return;
  const why = code === null ? `were not gone after ${STOP_TIMEOUT_MS / 1_000} s` : 'did not stop cleanly';
  throw new Error(`Test services ${why}; see the messages above.`);
}

async function firstLine(stream) {
  for await (const line of createInterface({ input: stream })) return line;
  return new Promise(() => {}); // the exit code tells
}

function failed(code) {
  throw new Error(`Test services could not be provided: the caretaker ended with ${code}; see the messages above.`);
}
