import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { StoreLockedError } from '../core/index.js';

const PREFIX = 'lock-';
const WAITING = '.waiting';
const HELD = '.held';
const PAUSE_MS = 5;
const HELD_ADVICE =
  'Stop that process, give this one a directory of its own, or use PostgreSQL to run several processes on one store.';

/**
 * Holds a directory for one store, by a socket in it on which this process listens.
 *
 * The operating system closes the socket with the process, however that ends, and knows at once whether somebody
 * listens, also when that process is busy or stopped. So a lock that was left behind is told from one that is held, and
 * several containers that share the directory exclude each other. Names are random and used once: whoever finds a socket
 * without a listener may remove it.
 */
export class DirectoryLock {
  private constructor(
    private readonly server: Server,
    private readonly path: string,
  ) {}

  /** @throws StoreLockedError if somebody has the directory */
  static async acquire(directory: string): Promise<DirectoryLock> {
    const id = randomBytes(8).toString('hex');
    const nameAs = (state: string): string => join(directory, `${PREFIX}${id}${state}`);
    // Under another name until it is listened on: a socket without a listener is taken for a left one.
    const server = await listen(directory, `new-${PREFIX}${id}`, nameAs(WAITING));
    try {
      await untilAlone(directory, id);
      renameSync(nameAs(WAITING), nameAs(HELD));
      return new DirectoryLock(server, nameAs(HELD));
    } catch (error) {
      rmSync(nameAs(WAITING), { force: true });
      server.close();
      throw error;
    }
  }

  release(): void {
    rmSync(this.path, { force: true });
    this.server.close();
  }
}

/**
 * Resolves when nobody else has the directory or was before us.
 *
 * Whoever waits is seen by all that come later. Of several that wait at a time, the one with the first name goes on.
 */
async function untilAlone(directory: string, id: string): Promise<void> {
  // A reader of the directory may miss a name that is being changed, which happens once while we can be seen.
  for (let scansAlone = 0; scansAlone < 2;) {
    const others = await othersIn(directory, id);
    if (others.some((name) => name.endsWith(HELD) || name < PREFIX + id))
      throw new StoreLockedError(directory, HELD_ADVICE);
    scansAlone = others.length === 0 ? scansAlone + 1 : 0;
    if (others.length > 0) await pause(PAUSE_MS);
  }
}

async function othersIn(directory: string, id: string): Promise<readonly string[]> {
  const names = readdirSync(directory).filter((name) => name.startsWith(PREFIX) && !name.startsWith(PREFIX + id));
  const alive: string[] = [];
  for (const name of names) {
    if (await isListenedOn(directory, name)) alive.push(name);
    else rmSync(join(directory, name), { force: true });
  }
  return alive;
}

async function listen(directory: string, name: string, finalPath: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  // Holds the directory, not the process.
  server.unref();
  await withSocketPath(directory, name, async (path) => {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(path, resolve);
    });
    renameSync(join(directory, name), finalPath);
  });
  return server;
}

function isListenedOn(directory: string, name: string): Promise<boolean> {
  return withSocketPath(
    directory,
    name,
    (path) =>
      new Promise<boolean>((resolve) => {
        const socket = connect(path, () => resolve(true));
        // Other errors do not say that nobody listens: it may be that we may not ask.
        socket.once('error', ({ code }: NodeJS.ErrnoException) =>
          resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
        );
        socket.once('connect', () => socket.destroy());
      }),
  );
}

/** Paths of sockets have at most 107 bytes; on Linux an open directory has a short one, however long its own. */
async function withSocketPath<T>(directory: string, name: string, use: (path: string) => Promise<T>): Promise<T> {
  if (process.platform !== 'linux') return use(join(directory, name));
  const descriptor = openSync(directory, 'r');
  try {
    return await use(`/proc/self/fd/${descriptor}/${name}`);
  } finally {
    closeSync(descriptor);
  }
}
