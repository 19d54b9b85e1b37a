/**
 * Does what the instructions of a Dockerfile say, in directories instead of images: enough of it to find out whether the
 * files that are copied are all that a build needs, and its commands work.
 */
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../package/command.mjs';

/** What a stage ends with. */
class Image {
  env = {};
  workdir = '/';
  user = 'root';
  cmd = undefined;
  healthcheck = undefined;

  constructor(directory) {
    this.directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  get cwd() {
    return join(this.directory, this.workdir);
  }
}

/** Builds a stage. Those that it shares with another are built once. */
export async function buildImage(path, target, { context, directory, built }) {
  const stages = parse(readFileSync(path, 'utf8'));
  if (!stages.some(({ name }) => name === target)) throw new Error(`${path} has no stage ${target}.`);
  const names = new Map();
  for (const { from, name, instructions } of stages) {
    const base = names.get(from);
    if (!base && !/^node:\d+-slim$/.test(from))
      throw new Error(`${path} has a stage from ${from}, which is no stage, and no slim image of Node.js.`);
    if (!built.has(name))
      built.set(
        name,
        base
          ? extend(base, instructions)
          : buildStage(instructions, { context, names, to: join(directory, `stage-${name}`) }),
      );
    names.set(name, await built.get(name));
    if (name === target) return names.get(name);
  }
}

/** The stages with their instructions, without comments, and with lines that go on joined. */
function parse(text) {
  const lines = text
    .replaceAll(/\\\n/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const stages = [];
  for (const line of lines) {
    const [, word, rest] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (word === 'FROM') {
      const [from, , name] = rest.split(/\s+/);
      stages.push({ from, name, instructions: [] });
    } else stages.at(-1).instructions.push([word, rest]);
  }
  return stages;
}

/** What is built on another stage shares its files, so it may only say how they are run. */
async function extend(base, instructions) {
  const image = Object.assign(Object.create(Image.prototype), base, { env: { ...base.env } });
  for (const [word, rest] of instructions) {
    if (word === 'COPY' || word === 'RUN') unknown(`${word} in a stage that is built on another`);
    await (STEPS[word] ?? unknown(word))(image, rest, {});
  }
  return image;
}

async function buildStage(instructions, { context, names, to }) {
  const image = new Image(to);
  for (const [word, rest] of instructions) await (STEPS[word] ?? unknown(word))(image, rest, { context, names });
  return image;
}

const STEPS = {
  WORKDIR(image, path) {
    image.workdir = path;
    mkdirSync(image.cwd, { recursive: true });
  },
  ENV(image, text) {
    for (const [, name, value] of text.matchAll(/(\w+)=(\S+)/g)) image.env[name] = value;
  },
  COPY(image, text, { context, names }) {
    const words = text.split(/\s+/);
    const stage = words[0].startsWith('--from=') ? names.get(words.shift().slice('--from='.length)) : undefined;
    const target = words.pop();
    for (const source of words) {
      const from = join(stage?.directory ?? context, source);
      if (!existsSync(from)) throw new Error(`COPY ${text}: there is no ${source}; .dockerignore may leave it out.`);
      const isInto = target.endsWith('/');
      cpSync(from, join(image.cwd, isInto ? join(target, source.split('/').at(-1)) : target), {
        recursive: true,
        verbatimSymlinks: true,
      });
    }
  },
  async RUN(image, command) {
    await run('sh', ['-c', command], { cwd: image.cwd, timeoutMs: 180_000, env: image.env });
  },
  USER(image, user) {
    image.user = user;
  },
  EXPOSE() {},
  HEALTHCHECK(image, text) {
    image.healthcheck = execForm(text.slice(text.indexOf('CMD ') + 'CMD '.length));
  },
  CMD(image, text) {
    image.cmd = execForm(text);
  },
};

/** A shell in between would keep SIGTERM to itself. */
function execForm(text) {
  if (!text.startsWith('[')) throw new Error(`"${text}" has to be in the exec form, ["node", ...].`);
  return JSON.parse(text);
}

function unknown(word) {
  throw new Error(`The Dockerfile has the instruction ${word}, which this check does not know.`);
}
