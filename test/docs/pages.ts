import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A page of the documentation. */
export interface Page {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** A block of code of a page. */
export interface Block {
  /** Such as `docs/testing.md:12`. */
  readonly place: string;
  readonly language: string;
  readonly text: string;
  /** What the comment before it says: `debugging/main.ts` of `<!-- snippet: debugging/main.ts -->`. */
  readonly snippet?: string;
}

const BLOCK = /(?:<!-- snippet: (\S+) -->\s*\n)?^```(\w*)\n([^]*?)^```$/gm;

/** The pages of the root, of `docs` and of the libs. */
export const pages: readonly Page[] = [
  ...filesIn('.').filter((path) => !path.includes('/')),
  ...filesIn('docs'),
  ...filesIn('libs').filter((path) => /^libs\/\w+\/README\.md$/.test(path)),
].map((path) => {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return { path, text, blocks: [...text.matchAll(BLOCK)].map((match) => blockOf(path, match)) };
});

/** All blocks in one of these languages. */
export function blocksIn(...languages: readonly string[]): readonly Block[] {
  return pages.flatMap(({ blocks }) => blocks.filter(({ language }) => languages.includes(language)));
}

function filesIn(directory: string): readonly string[] {
  const names = readdirSync(join(ROOT, directory), { recursive: directory !== '.', encoding: 'utf8' });
  const paths = names.map((name) => join(directory, name).split(sep).join('/'));
  return paths.filter((path) => path.endsWith('.md')).sort();
}

function blockOf(path: string, { 1: snippet, 2: language = '', 3: text = '', index, input }: RegExpExecArray): Block {
  const line = input.slice(0, index).split('\n').length;
  return { place: `${path}:${line}`, language, text, ...(snippet === undefined ? undefined : { snippet }) };
}
