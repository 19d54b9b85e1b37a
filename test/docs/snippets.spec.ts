import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compileText } from '../../scripts/compile-sources.mjs';
import { compareOutput } from '../../scripts/package/quick-start.mjs';
import { endPrograms, Program } from '../processes/support/program.js';
import { type Block, pages, ROOT } from './pages.js';

/**
 * What the comment before a block says of it:
 *
 *     <!-- snippet: debugging/main.ts -->        is run, and prints
 *     <!-- snippet: debugging/output -->         this, in which `...` stands for any text on its line
 *     <!-- snippet: test/docs/one.spec.ts -->    stands in that file, which is run as a test
 */
const snippets: readonly (Block & { readonly snippet: string })[] = pages.flatMap(({ blocks }) =>
  blocks.flatMap(({ snippet, ...block }) => (snippet === undefined ? [] : [{ ...block, snippet }])),
);
/** Run in an application of its own, by `scripts/check-package.mjs`. */
const ELSEWHERE = 'quick-start/';
const programs = snippets.filter(({ snippet }) => snippet.endsWith('/main.ts') && !snippet.startsWith(ELSEWHERE));
const ofFiles = snippets.filter(({ snippet }) => existsSync(join(ROOT, snippet)));

// Here `nestjs-pyworkflow` is the sources as they stand.
const COMPILED = join(ROOT, '.compiled');
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(COMPILED, 'docs-'));
});

afterAll(async () => {
  await endPrograms();
  await rm(directory, { recursive: true, force: true });
});

it.each(programs.map(({ snippet, text }) => [snippet, text]))(
  '%s prints what the docs say',
  async (snippet, text) => {
    const name = snippet.split('/')[0]!;
    const file = join(directory, `${name}.js`);
    await writeFile(file, await compileText(text, `${name}.ts`));
    const program = Program.start(file, { PYWORKFLOW_SQLITE_PATH: join(directory, `${name}.db`), NO_COLOR: '1' });
    const exit = await program.end();
    if (exit.code !== 0) throw new Error(program.describe(`ended with ${JSON.stringify(exit)}`));
    const promised = snippets.find((each) => each.snippet === `${name}/output`);
    compareOutput(program.output.join('\n'), promised?.text ?? 'nothing: there is no output in the docs');
  },
  60_000,
);

it.each(ofFiles.map(({ place, snippet, text }) => [place, snippet, text]))('%s stands in %s', (_, file, text) => {
  expect(readFileSync(join(ROOT, file), 'utf8')).toContain(text.trim());
});

it('every snippet is a program, what it prints, or a part of a file', () => {
  const roles = /^[\w-]+\/(main\.ts|output|install)$/;
  const stray = snippets.filter((each) => !roles.test(each.snippet) && !ofFiles.includes(each));
  expect(stray.map(({ place, snippet }) => `${place} ${snippet}`)).toEqual([]);
  expect(programs.length).toBeGreaterThan(0);
});
