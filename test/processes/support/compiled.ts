import { resolve } from 'node:path';

/** Where `scripts/compile-sources.mjs` has put what a source compiles to. */
export function compiled(source: string): string {
  return resolve('.compiled/dist', source.replace(/\.ts$/, '.js'));
}
