import { transformFile } from '@swc/core';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../run-node.mjs';
import { run } from './command.mjs';
import { compareOutput } from './quick-start.mjs';

const COMMON = {
  target: 'ES2022',
  rootDir: '.',
  outDir: 'dist',
  strict: true,
  strictPropertyInitialization: false,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  esModuleInterop: true,
  skipLibCheck: true,
  types: ['node'],
};

const { name, exports, peerDependencies, peerDependenciesMeta } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
const entryPoints = Object.keys(exports)
  .filter((it) => it !== './package.json')
  .map((it) => name + it.slice(1));

/** What only some entry points need: the oldest major version that we allow beside Nest 11, otherwise the newest. */
function optionalPeers(nest) {
  const range = (it) => (nest === 11 ? peerDependencies[it].split(' || ')[0] : peerDependencies[it]);
  return Object.keys(peerDependenciesMeta)
    .filter((it) => it !== '@nestjs/testing')
    .map((it) => `${it}@${range(it)}`);
}

/** How people compile Nest applications. */
const FLAVOURS = [
  { name: 'esm-tsc', type: 'module', build: tsc({ module: 'nodenext' }) },
  { name: 'esm-swc', type: 'module', build: swc },
  { name: 'cjs-tsc', type: 'commonjs', build: tsc({ module: 'nodenext' }) },
  // The resolution of older applications reads `typesVersions` instead of `exports`. TypeScript 6 deprecates it.
  { name: 'cjs-node10', type: 'commonjs', build: tsc({ module: 'commonjs', moduleResolution: 'node10' }), nest: 11 },
];

/** Makes one application per Nest version, installs the tarball as the README says, and runs every flavour in it. */
export async function checkApplication({ nest, typescript, directory, tarball, quickStart }) {
  const home = join(directory, `nest-${nest}`);
  writeJson(join(home, 'package.json'), {
    name: `application-on-nest-${nest}`,
    private: true,
    dependencies: {
      '@nestjs/common': `^${nest}.0.0`,
      '@nestjs/core': `^${nest}.0.0`,
      '@nestjs/platform-express': `^${nest}.0.0`,
      'reflect-metadata': '^0.2.0',
      rxjs: '^7.8.1',
    },
    devDependencies: { '@nestjs/testing': `^${nest}.0.0`, '@types/node': '^20.19.0', typescript },
  });
  const packages = quickStart.packages.map((it) => (it === 'nestjs-pyworkflow' ? tarball : it));
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
  await run('npm', ['install', ...quiet, ...packages], { cwd: home });

  for (const flavour of FLAVOURS.filter((it) => it.nest === undefined || it.nest === nest)) {
    const started = Date.now();
    await checkFlavour(home, flavour, quickStart);
    console.log(`Nest ${nest}, ${flavour.name}: fine (${Date.now() - started} ms)`);
  }
  // The quick start has run without them.
  await run('npm', ['install', ...quiet, '--no-save', ...optionalPeers(nest)], { cwd: home });
  await run(process.execPath, ['dist/entry-points.js'], { cwd: join(home, FLAVOURS[0].name) });
  console.log(`Nest ${nest}, all entry points: fine`);
  await checkOwnTypes(join(home, FLAVOURS[0].name));
  console.log(`Nest ${nest}, declaration files: fine`);
}

async function checkFlavour(home, { name, type, build }, { files, output }) {
  const cwd = join(home, name);
  writeJson(join(cwd, 'package.json'), { private: true, type });
  for (const [file, text] of Object.entries(files)) write(join(cwd, file), text);
  write(
    join(cwd, 'entry-points.ts'),
    entryPoints.map((it, index) => `export * as entry${index} from '${it}';\n`).join(''),
  );
  await build(cwd, [...Object.keys(files), 'entry-points.ts']);
  compareOutput(await run(process.execPath, ['dist/main.js'], { cwd, timeoutMs: 30_000 }), output);
}

function tsc(options) {
  return async (cwd, files) => {
    writeJson(join(cwd, 'tsconfig.json'), { compilerOptions: { ...COMMON, ...options }, files });
    await run(process.execPath, ['../node_modules/typescript/bin/tsc', '-p', '.'], { cwd });
  };
}

/** With the settings that Nest's own SWC builder has. */
async function swc(cwd, files) {
  const options = {
    swcrc: false,
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
    module: { type: 'es6' },
  };
  for (const file of files) {
    const { code } = await transformFile(join(cwd, file), options);
    write(join(cwd, 'dist', file.replace(/\.ts$/, '.js')), code);
  }
}

/** Applications skip checking declaration files, so a broken one of ours would silently turn into `any`. */
async function checkOwnTypes(cwd) {
  const args = ['../node_modules/typescript/bin/tsc', '-p', '.', '--noEmit', '--skipLibCheck', 'false'];
  const faults = await run(process.execPath, args, { cwd }).then(
    () => [],
    (error) => error.message.split('\n').filter((line) => line.includes('node_modules/nestjs-pyworkflow/')),
  );
  if (faults.length > 0) throw new Error(`our declaration files do not compile:\n${faults.join('\n')}`);
}

function writeJson(path, value) {
  write(path, JSON.stringify(value, null, 2));
}

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
