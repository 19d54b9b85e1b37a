import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { root } from '../run-node.mjs';
import { run } from './command.mjs';

/** The programs, which import the package as applications do. */
const APPS = /^dist\/apps\/(orchestrator|step-worker)\//;
const PUBLIC = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^dist\/(src|libs)\/.+\.(js|js\.map|d\.ts)$/,
  /^docs\/.+\.md$/,
  APPS,
];
const PRIVATE = /\.spec(-helpers)?\./;

/** Packs what is built into `directory`, checks the content, and returns the path of the tarball. */
export async function pack(directory) {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', directory];
  const [{ filename, files, size }] = Object.values(JSON.parse(await run('npm', args, { cwd: root })));
  const paths = files.map((file) => file.path).sort();
  for (const path of paths) console.log(`  ${path}`);
  console.log(`${filename}: ${paths.length} files, ${Math.ceil(size / 1024)} KiB`);

  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const faults = [
    ...paths.filter(isPrivate).map((path) => `${path} is private`),
    ...missingEntryPoints(manifest, new Set(paths)),
    ...paths.flatMap((path) => faultsOfFile(path, manifest)),
  ];
  if (faults.length > 0) throw new Error(`the tarball is wrong:\n${faults.map((it) => `- ${it}`).join('\n')}`);
  return join(directory, filename);
}

function isPrivate(path) {
  return PRIVATE.test(path) || !PUBLIC.some((pattern) => pattern.test(path));
}

function missingEntryPoints({ exports, types, main, typesVersions, bin }, paths) {
  const targets = [exports, typesVersions ?? {}, bin].flatMap(leaves).concat(types, main);
  const missing = targets.map((target) => target.replace(/^\.\//, '')).filter((target) => !paths.has(target));
  return missing.map((target) => `package.json names ${target}, which is missing`);
}

function leaves(value) {
  return typeof value === 'string' ? [value] : Object.values(value).flatMap(leaves);
}

function faultsOfFile(path, manifest) {
  if (!path.startsWith('dist/')) return [];
  const text = readFileSync(join(root, path), 'utf8');
  return path.endsWith('.map') ? faultsOfSourceMap(path, text) : faultsOfImports(path, text, manifest);
}

/** Sources are not in the tarball, so a map has to carry them. */
function faultsOfSourceMap(path, text) {
  const { sources, sourcesContent = [] } = JSON.parse(text);
  return sources.every((_, index) => sourcesContent[index]) ? [] : [`${path} points at sources that are not shipped`];
}

function faultsOfImports(path, text, { name, dependencies, peerDependencies }) {
  const code = text.replaceAll(/\/\*[^]*?\*\//g, ''); // examples in comments import what they like
  const imports = code.matchAll(/(?:^|[\s;}])(?:from|import)\s*\(?\s*['"]([^'"./][^'"]*)['"]/g);
  const packages = [...imports].map(([, specifier]) => specifier.match(/^(@[^/]+\/)?[^/]+/)[0]);
  const known = new Set([...Object.keys({ ...dependencies, ...peerDependencies }), ...builtinModules]);
  const isForeign = (it) => !it.startsWith('node:') && !known.has(it) && !(it === name && APPS.test(path));
  return [...new Set(packages.filter(isForeign))].map((it) =>
    it === name ? `${path} imports the package by its own name` : `${path} imports ${it}, which is no dependency`,
  );
}
