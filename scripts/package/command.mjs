import { spawn } from 'node:child_process';

const children = new Set();

/** Runs a command and returns its stdout. Throws with everything it said when it fails or takes too long. */
export async function run(file, args, { cwd, timeoutMs = 120_000, env }) {
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  children.add(child);
  let stdout = '';
  let everything = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
    everything += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => (everything += text));
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    kill(child);
  }, timeoutMs);
  const code = await new Promise((resolve) => child.once('close', resolve).once('error', (error) => resolve(error)));
  clearTimeout(timer);
  children.delete(child);
  if (code === 0) return stdout;
  const how = isLate ? `took more than ${timeoutMs / 1000} seconds` : `ended with ${code}`;
  throw new Error(`${[file, ...args].join(' ')} (in ${cwd}) ${how}:\n${everything}`);
}

export function killEverything() {
  for (const child of children) kill(child);
}

function kill(child) {
  try {
    process.kill(-child.pid, 'SIGKILL'); // the whole process group
  } catch {
    child.kill('SIGKILL');
  }
}
