import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BenchEngine, EngineContext, EngineEntry } from './engine.js';

/** Outside the project's own dependencies. `npm run bench` runs in the project's root. */
const HOME = join('node_modules', '.cache', 'pyworkflow-bench');
const SOURCES = join('bench', 'peers');

/** Installs what engines need and has not been installed at that version. */
export function installPackages(entries: readonly EngineEntry[]): void {
  const wanted = entries.flatMap(({ packages = {} }) => Object.entries(packages));
  const missing = wanted.filter(([name, version]) => installedVersion(name) !== version);
  if (missing.length === 0) return;
  const names = missing.map(([name, version]) => `${name}@${version}`);
  console.error(`Installing ${names.join(', ')} into ${HOME} ...`);
  mkdirSync(HOME, { recursive: true });
  if (!existsSync(join(HOME, 'package.json'))) writeFileSync(join(HOME, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--save-exact', '--no-audit', '--no-fund', '--loglevel=error', ...names];
  const { status } = spawnSync('npm', args, {
    cwd: HOME,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm could not install ${names.join(', ')}; see above.`);
}

/** Runs a peer's file from among the packages that were installed for it, so that its imports find them. */
export async function openPeer(file: string, context: EngineContext): Promise<BenchEngine> {
  const copy = join(HOME, file);
  copyFileSync(join(SOURCES, file), copy);
  const { open } = (await import(pathToFileURL(copy).href)) as Pick<EngineEntry, 'open'>;
  return open(context);
}

function installedVersion(name: string): string | undefined {
  try {
    const manifest = readFileSync(join(HOME, 'node_modules', name, 'package.json'), 'utf8');
    return (JSON.parse(manifest) as { version: string }).version;
  } catch {
    return undefined;
  }
}
