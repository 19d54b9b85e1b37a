import { spawnSync } from 'node:child_process';
import { format } from 'prettier';
import { faultsOfExamples } from './compile.js';
import { blocksIn, pages } from './pages.js';

it('the examples of the docs compile against the sources', () => {
  const examples = blocksIn('ts', 'typescript');
  expect(examples.length).toBeGreaterThan(50);
  expect(faultsOfExamples(examples)).toEqual([]);
}, 180_000);

it('what is no TypeScript in the docs can be read: shell, JSON and YAML', async () => {
  for (const { place, text } of blocksIn('bash', 'sh')) {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' });
    expect([place, status, stderr]).toEqual([place, 0, '']);
  }
  for (const { place, text, language } of blocksIn('json', 'yaml')) {
    await expect([place, await format(text, { parser: language })]).toEqual([place, expect.any(String)]);
  }
});

it('every block of the docs says what it is', () => {
  const known = ['ts', 'bash', 'sh', 'json', 'yaml', 'dockerfile', 'text', 'markdown'];
  const unknown = pages.flatMap(({ blocks }) => blocks).filter(({ language }) => !known.includes(language));
  expect(unknown.map(({ place, language }) => `${place} ${language}`)).toEqual([]);
});
