import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { StoreOpenError } from '../core/index.js';
import { syncDirectory } from './append.js';
import { DirectoryLock } from './directory-lock.js';
import { openingError } from './errors.js';
import { Layout } from './layout.js';
import { parseLine } from './record.js';

const FORMAT = 1;
const ABOUT = {
  about: 'Workflow runs of nestjs-pyworkflow. live/ has a file for each run that goes on, ended/ one for each other.',
  format: FORMAT,
};

export interface OpenDirectory {
  readonly layout: Layout;
  readonly lock: DirectoryLock;
}

/** Takes a directory for a store, and creates it if need be. */
export async function openDirectory(path: string): Promise<OpenDirectory> {
  try {
    const layout = new Layout(await canonicalDirectory(path));
    const lock = await DirectoryLock.acquire(layout.root);
    try {
      await prepare(layout);
      return { layout, lock };
    } catch (error) {
      lock.release();
      throw error;
    }
  } catch (error) {
    throw openingError(path, error);
  }
}

/** One name for one directory, so that a link to it has the same lock. */
async function canonicalDirectory(path: string): Promise<string> {
  const absolute = resolve(path);
  if (!existsSync(absolute)) {
    mkdirSync(absolute, { recursive: true });
    await syncDirectory(dirname(absolute));
  }
  return realpathSync(absolute);
}

async function prepare({ root, live, ended, about }: Layout): Promise<void> {
  mkdirSync(live, { recursive: true });
  mkdirSync(ended, { recursive: true });
  if (existsSync(about)) checkFormat(root, readFileSync(about, 'utf8'));
  else writeFileSync(about, `${JSON.stringify(ABOUT, undefined, 2)}\n`, { flush: true });
  await syncDirectory(root);
}

function checkFormat(root: string, text: string): void {
  const format = parseLine<{ readonly format?: unknown }>(text)?.format ?? FORMAT;
  if (format === FORMAT) return;
  throw new StoreOpenError(
    root,
    `its format is ${String(format)}, and this version of nestjs-pyworkflow reads ${FORMAT}`,
    'Use the version that wrote it, or a newer one.',
  );
}
