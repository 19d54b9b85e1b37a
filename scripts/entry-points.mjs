import { readFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);

/** The package's entry points by the name that they are imported by, each with the path of its source. */
export function entryPoints() {
  const { name, exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  const code = Object.entries(exports).filter(([, target]) => typeof target === 'object');
  return new Map(
    code.map(([subpath, target]) => [
      name + subpath.slice(1),
      target.default.replace(/^\.\/dist\//, '').replace(/\.js$/, '.ts'),
    ]),
  );
}
