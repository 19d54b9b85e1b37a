import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import * as bullmq from 'nestjs-pyworkflow/bullmq';
import * as bootstrap from 'nestjs-pyworkflow/bootstrap';
import * as file from 'nestjs-pyworkflow/file';
import * as face from 'nestjs-pyworkflow';
import * as health from 'nestjs-pyworkflow/health';
import * as logging from 'nestjs-pyworkflow/logging';
import * as metrics from 'nestjs-pyworkflow/metrics';
import * as redis from 'nestjs-pyworkflow/redis';
import * as testing from 'nestjs-pyworkflow/testing';
import * as typeorm from 'nestjs-pyworkflow/typeorm';
import { pages, ROOT } from './pages.js';

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;

/** All that the engine and its adapters may say stands somewhere in here. */
const sources = ['src', 'libs', 'apps', 'scripts', 'test/services']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  .filter((path) => /\.(ts|mjs)$/.test(path) && !/\.spec(-helpers)?\.ts$/.test(path))
  .map((path) => readFileSync(join(ROOT, path), 'utf8'))
  .join('\n');

const textOf = (path: string): string => pages.find((page) => page.path === path)?.text ?? '';

/** The anchors that a page's headings have on GitHub. */
function anchorsOf(text: string): readonly string[] {
  const headings = text.replaceAll(/^```[^]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function faultOfLink(page: string, target: string): string | undefined {
  if (/^(https?:|mailto:)/.test(target)) return undefined;
  const [path = '', anchor] = target.split('#');
  const full = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(ROOT, full))) return `${page} points to ${target}, which does not exist`;
  if (anchor === undefined || anchorsOf(textOf(full)).includes(anchor)) return undefined;
  return `${page} points to ${target}, and there is no such heading`;
}

it('links lead somewhere', () => {
  const faults = pages.flatMap(({ path, text }) => {
    const prose = text.replaceAll(/^```[^]*?^```$/gm, '');
    return [...prose.matchAll(LINK)].flatMap(([, target = '']) => faultOfLink(path, target) ?? []);
  });
  expect(faults).toEqual([]);
});

it('files that are named by their path exist', () => {
  const named = /`((?:src|libs|apps|bench|test|scripts|docs)\/[\w./-]+\.(?:ts|mjs|md|json|csv))`/g;
  const faults = pages.flatMap(({ path, text }) =>
    [...text.matchAll(named)]
      .filter(([, file = '']) => !existsSync(join(ROOT, file)))
      .map(([, file]) => `${path}: ${file}`),
  );
  expect(faults).toEqual([]);
});

it('programs of the package are where the docs start them', () => {
  const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    bin: Readonly<Record<string, string>>;
  };
  const started = pages.flatMap(({ text }) => [...text.matchAll(/node_modules\/nestjs-pyworkflow\/([\w./-]+\.js)/g)]);
  expect(started.length).toBeGreaterThan(1);
  expect(started.map(([, path]) => path).filter((path) => !Object.values(bin).includes(path!))).toEqual([]);
});

it('every page of docs is in its list, and every decision in that of decisions', () => {
  for (const folder of ['docs', 'docs/decisions']) {
    const listed = textOf(`${folder}/README.md`);
    const here = pages.filter(({ path }) => dirname(path) === folder && !path.endsWith('/README.md'));
    const missing = here.filter(({ path }) => !listed.includes(`](${path.slice(folder.length + 1)})`));
    expect(missing.map(({ path }) => path)).toEqual([]);
  }
});

it('commands and variables that the docs name exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
  const unknown = pages.flatMap(({ path, text }) =>
    [
      ...[...text.matchAll(/npm run ([\w:-]+)/g)].filter(
        ([, name = '']) => !Object.hasOwn(scripts, name) && name !== 'build',
      ),
      ...[...text.matchAll(/PYWORKFLOW_[A-Z_]+[A-Z]/g)].filter(([name]) => !sources.includes(name)),
    ].map(([found]) => `${path}: ${found}`),
  );
  expect(unknown).toEqual([]);
});

it.each([
  ['src/options/pyworkflow.options.ts', 'docs/configuration.md'],
  ['src/options/queue.options.ts', 'docs/configuration.md'],
  ['src/options/storage.options.ts', 'docs/configuration.md'],
  ['src/decorators/workflow.options.ts', 'docs/workflows-and-steps.md'],
  ['src/decorators/step.options.ts', 'docs/workflows-and-steps.md'],
  ['src/client/start.options.ts', 'docs/client.md'],
  ['src/client/run-event.ts', 'docs/client.md'],
  ['src/hooks/hook-definition.options.ts', 'docs/webhooks.md'],
  ['src/hooks/hook-definition.ts', 'docs/webhooks.md'],
  ['src/webhooks/webhook.options.ts', 'docs/webhooks.md'],
  ['src/logging/logging.options.ts', 'docs/logging.md'],
  ['src/metrics/metrics.options.ts', 'docs/metrics.md'],
  ['src/health/health.options.ts', 'docs/health.md'],
  ['libs/typeorm/typeorm.options.ts', 'libs/typeorm/README.md'],
  ['libs/redis/redis.options.ts', 'libs/redis/README.md'],
])('the options of %s are in %s', (file, page) => {
  const source = readFileSync(join(ROOT, file), 'utf8');
  const options = [...source.matchAll(/^  readonly (\w+)\?:/gm)].map(([, name = '']) => name);
  expect(options.length).toBeGreaterThan(0);
  const words = new Set(textOf(page).match(/\w+/g));
  expect(options.filter((name) => !words.has(name))).toEqual([]);
});

it('every variable of the environment is in the docs', () => {
  const variables = readFileSync(join(ROOT, 'src/options/environment.ts'), 'utf8').match(/PYWORKFLOW_[A-Z_]+[A-Z]/g);
  const documented = textOf('docs/configuration.md');
  expect([...new Set(variables)].filter((name) => !documented.includes(name))).toEqual([]);
});

/** What the package exports, and users call. */
const modules: readonly object[] = [face, typeorm, file, redis, bullmq, testing, bootstrap, logging, metrics, health];

it('all that the package exports, and all that the client can do, is in the docs', () => {
  const methods = [face.WorkflowClient, face.WorkflowHandle].flatMap(({ prototype }) => publicOf(prototype));
  const exported = [...new Set([...modules.flatMap(Object.keys), ...methods])];
  const words = new Set(
    pages.filter(({ path }) => path !== 'CHANGELOG.md').flatMap(({ text }) => text.match(/\w+/g) ?? []),
  );
  expect(exported.filter((name) => !words.has(name))).toEqual([]);
});

/** The methods that the type of a class shows. */
function publicOf(prototype: object): readonly string[] {
  const hidden = new Set(
    [...sources.matchAll(/^ {2}(?:private|protected) (?:async )?(\w+)/gm)].map(([, name]) => name),
  );
  return Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor' && !hidden.has(name));
}

it('every type of event is in the docs', () => {
  const types = [...sources.matchAll(/EventBase<'([\w.]+)'>/g)].map(([, type = '']) => type);
  expect(types.length).toBeGreaterThan(20);
  expect(types.filter((type) => !textOf('docs/debugging.md').includes(`\`${type}\``))).toEqual([]);
});

describe('troubleshooting', () => {
  const page = textOf('docs/troubleshooting.md');
  const errors = modules
    .flatMap((module) => Object.entries(module) as [string, unknown][])
    .filter(([, value]) => typeof value === 'function' && value.prototype instanceof face.WorkflowError)
    .map(([name]) => name);

  it('has every error of the package', () => {
    expect(errors.length).toBeGreaterThan(30);
    expect(errors.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('has every line that the engine logs as a warning or an error', () => {
    const lines = [...sources.matchAll(/\blogger\.(?:warn|error)\(\s*(['"`])((?:(?!\1).)+)\1/g)].map(
      ([, , line = '']) => line,
    );
    expect(lines.length).toBeGreaterThan(20);
    const longest = (line: string): string =>
      line.split(/\$\{[^}]*\}/).reduce((one, other) => (other.length > one.length ? other : one), '');
    const missing = lines.map((line) => longest(line).trim()).filter((part) => part.length > 5 && !page.includes(part));
    expect(missing).toEqual([]);
  });

  it('names no error and no code that there is not', () => {
    const named = [...page.matchAll(/`(\w+Error)`/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !sources.includes(`class ${name} `))).toEqual([]);
    const codes = [...page.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, code = '']) => code);
    expect(codes.filter((code) => !sources.includes(`'${code}'`))).toEqual([]);
  });

  it('quotes lines of the log as the code writes them', () => {
    const quoted = [...page.matchAll(/^\| `([^`]+)`/gm)].map(([, line = '']) => line);
    const parts = quoted.filter((line) => line.includes(' ')).flatMap((line) => line.split('...'));
    expect(parts.length).toBeGreaterThan(30);
    expect(parts.map((part) => part.trim()).filter((part) => !sources.includes(part))).toEqual([]);
  });
});
