import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export const isRoot = process.getuid?.() === 0;

export function say(message) {
  process.stderr.write(`Test services: ${message}\n`);
}

/** A TCP port on 127.0.0.1 that is free now. Another process may still take it: verify after connecting. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export function findOnPath(...names) {
  for (const name of names) {
    for (const directory of (process.env.PATH ?? '').split(delimiter)) {
      const file = join(directory, name);
      if (isExecutable(file)) return file;
    }
  }
  return undefined;
}

export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Installs a Debian package if this is root on a machine with apt. Says whether it did. */
export function aptInstall(packageName) {
  const apt = isRoot && findOnPath('apt-get');
  if (!apt) return false;
  say(`installing ${packageName} with apt-get ...`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = () =>
    spawnSync(apt, ['install', '-y', '--no-install-recommends', packageName], { env, stdio: 'ignore' }).status === 0;
  if (install()) return true;
  spawnSync(apt, ['update'], { env, stdio: 'ignore' });
  return install();
}

/** The unprivileged user that servers run as when this is root; nothing when it is not. */
export function unprivilegedUser() {
  if (!isRoot) return {};
  for (const user of ['postgres', 'nobody']) {
    const id = (flag) => Number(execFileSync('id', [flag, user], { stdio: ['ignore', 'pipe', 'ignore'] }));
    try {
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      continue;
    }
  }
  throw new Error('PostgreSQL refuses to run as root, and there is no user "postgres" or "nobody" to run it as.');
}

/**
 * Spawns a server and waits until `probe` succeeds. The returned function stops it, with `stopSignal` unless told another.
 * Throws with the server's own last words when it ends early.
 */
export async function startServer(file, args, { probe, stopSignal, ...spawnOptions }) {
  const child = spawn(file, args, { ...spawnOptions, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keepTail = (chunk) => (output = (output + chunk).slice(-2000));
  child.stdout.on('data', keepTail);
  child.stderr.on('data', keepTail);
  let ended = false;
  const exit = new Promise((resolve) => child.once('exit', resolve).once('error', resolve)).then(() => (ended = true));
  const stop = async (signal = stopSignal) => {
    if (!ended) child.kill(signal);
    await exit;
  };

  let lastError;
  for (let attempt = 0; attempt < 200 && !ended; attempt++) {
    try {
      await probe();
      return stop;
    } catch (error) {
      lastError = error;
      await delay(50);
    }
  }
  await stop();
  throw new Error(`${file} did not start: ${lastError?.message}\n${output}`);
}
