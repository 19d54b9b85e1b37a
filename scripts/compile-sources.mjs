import { createRequire } from 'node:module';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import jestConfig from '../jest.config.js';
import { root } from './run-node.mjs';

const TARGET = join(root, '.compiled');
const DIRECTORIES = ['src', 'libs', 'apps', 'test'];
// A copy, since Jest's own transformer adds to it.
const [[, swcOptions]] = structuredClone(Object.values(jestConfig.transform));

/**
 * Compiles all sources as Jest does, without a look at their types, into `.compiled/dist`: for tests and scripts that
 * need a process of their own. It is laid out as the package is, so that `nestjs-pyworkflow` is these sources there.
 *
 * Compiles only what has changed. A loader that compiles while a program starts would cost each of a hundred processes
 * more than all of this.
 *
 * @returns what imports a module of it by the path of its source
 */
export async function compileSources() {
  await forgetOthers();
  const manifest = join(TARGET, 'package.json');
  await update(join(root, 'package.json'), manifest, () => readFile(join(root, 'package.json')));
  const files = (await Promise.all(DIRECTORIES.map(filesBelow))).flat();
  await Promise.all(files.map(compile));
  return (path) => import(pathToFileURL(compiledPath(path)).href);
}

function compiledPath(path) {
  return join(TARGET, 'dist', path.replace(/\.ts$/, '.js'));
}

/** What was compiled by another version or with other options is of no use. */
async function forgetOthers() {
  const { version } = createRequire(import.meta.url)('@swc/core/package.json');
  const settings = JSON.stringify([version, await readFile(join(root, 'jest.config.js'), 'utf8')]);
  const file = join(TARGET, 'settings.json');
  if ((await readFile(file, 'utf8').catch(() => undefined)) === settings) return;
  await rm(TARGET, { recursive: true, force: true });
  await write(file, settings);
}

async function filesBelow(directory) {
  const entries = await readdir(join(root, directory), { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return paths.map((path) => path.slice(root.length)).filter((path) => /(?<!\.spec|\.d)\.m?[jt]s$/.test(path));
}

async function compile(path) {
  const source = join(root, path);
  await update(source, compiledPath(path), async () => {
    const text = await readFile(source, 'utf8');
    return path.endsWith('.ts') ? compileText(text, source) : text;
  });
}

/** @returns JavaScript, which is to be run from below `.compiled` if it imports the package */
export async function compileText(text, filename) {
  const { transform } = await import('@swc/core');
  const { code } = await transform(text, { ...swcOptions, sourceMaps: false, filename, swcrc: false });
  return code;
}

/** A file is up to date when it has the time of the one that it is made of. */
async function update(source, target, make) {
  const [{ mtime }, known] = await Promise.all([stat(source), stat(target).catch(() => undefined)]);
  if (known && Math.trunc(known.mtimeMs) === mtime.getTime()) return;
  await write(target, await make(), mtime);
}

async function write(target, content, mtime = new Date()) {
  const draft = `${target}.${process.pid}`;
  await mkdir(dirname(target), { recursive: true });
  await writeFile(draft, content);
  await utimes(draft, mtime, mtime);
  await rename(draft, target);
}
