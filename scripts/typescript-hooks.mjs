import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';
import jestConfig from '../jest.config.js';
import { entryPoints } from './entry-points.mjs';

const root = new URL('../', import.meta.url);
const sources = entryPoints();
const [[, swcOptions]] = Object.values(jestConfig.transform);

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
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), { ...swcOptions, filename, swcrc: false });
  return { format: 'module', source: code, shortCircuit: true };
}

function ownModule(specifier) {
  const source = sources.get(specifier);
  return source === undefined ? undefined : new URL(source, root);
}
