/**
 * Makes sure that this Node.js can run the project and that the dependencies of package-lock.json are installed, so
 * that the first command after a clone just works. Uses nothing but what Node.js brings.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const OLDEST_NODE = [20, 19];

export function ensureInstalled() {
  checkNode();
  if (isInstalled()) return;
  const isFirst = !readLock('node_modules/.package-lock.json');
  console.error(`Installing dependencies (${isFirst ? 'first run' : 'package-lock.json has changed'}) ...`);
  if (npm('ci')) return;
  console.error('npm ci failed, see above. Trying npm install ...');
  if (npm('install')) return;
  console.error('The dependencies could not be installed. Check the network and the registry, then try again.');
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  console.error(
    `Node.js ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.version} (${process.execPath}).`,
  );
  process.exit(1);
}

/** Compares what npm has noted in node_modules with the lockfile, package by package. */
function isInstalled() {
  const installed = readLock('node_modules/.package-lock.json');
  const wanted = readLock('package-lock.json');
  if (!installed || !wanted) return false;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
  );
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function npm(command) {
  const args = [command, '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const script = process.env.npm_execpath; // npm itself, when `npm run` started us
  const options = { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] };
  const { status } = script?.endsWith('.js')
    ? spawnSync(process.execPath, [script, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  return status === 0;
}
