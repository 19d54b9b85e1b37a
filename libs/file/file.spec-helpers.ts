import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileStore } from './file.store.js';

export { commitOf } from '../../test/processes/support/commit-of.js';

const directories: string[] = [];

export function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pyworkflow-file-'));
  directories.push(directory);
  return directory;
}

export function removeDirectories(): void {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
}

export async function openStore(path: string): Promise<FileStore> {
  const store = new FileStore({ path });
  await store.open();
  return store;
}
