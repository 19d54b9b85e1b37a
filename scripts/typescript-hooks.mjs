import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import jestConfig from '../jest.config.js';
import { entryPoints } from './entry-points.mjs';

const root = new URL('../', import.meta.url);
const sources = entryPoints();
const [[, swcOptions]] = Object.values(jestConfig.transform);
/** What was compiled once: a test that starts a hundred processes does not compile all of it a hundred times. */
const cache = new URL('node_modules/.cache/pyworkflow-typescript/', root);
const { version } = createRequire(import.meta.url)('@swc/core/package.json');
const settings = JSON.stringify([version, swcOptions]);

export async function resolve(specifier, context, nextResolve) {
  const own = ownModule(specifier);
  if (own) return { url: own.href, shortCircuit: true };
  if (/^\.{1,2}\/.*\.js$/.test(specifier) && context.parentURL?.endsWith('.ts')) {
    const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (existsSync(fileURLToPath(source))) return { url: source.href, shortCircuit: true };
  }
  return nextResolve(specifier, context);
}

export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context);
  return { format: 'module', source: await compile(fileURLToPath(url)), shortCircuit: true };
}

async function compile(filename) {
  const text = await readFile(filename, 'utf8');
  const key = createHash('sha256')
    .update(JSON.stringify([settings, filename, text]))
    .digest('hex');
  const cached = new URL(`${key}.js`, cache);
  const known = await readFile(cached, 'utf8').catch(() => undefined);
  if (known !== undefined) return known;
  const { transform } = await import('@swc/core');
  const { code } = await transform(text, { ...swcOptions, filename, swcrc: false });
  await keep(cached, code);
  return code;
}

/** Others may write the same at the same time. A cache that cannot be written is none. */
async function keep(file, code) {
  const draft = new URL(`${file.href}.${process.pid}`);
  try {
    await mkdir(cache, { recursive: true });
    await writeFile(draft, code);
    await rename(draft, file);
  } catch {
    // Compiled again the next time.
  }
}

function ownModule(specifier) {
  const source = sources.get(specifier);
  return source === undefined ? undefined : new URL(source, root);
}
