import { closeSync, fdatasync, fsync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { StoreWriteError } from '../core/index.js';

const syncData = promisify(fdatasync);
const syncAll = promisify(fsync);

/** A file that only grows. */
export interface AppendFile {
  readonly path: string;
  /** How much of it counts; 0 if it is not there yet. */
  size: number;
  /** It may hold more than counts, since a failed write could not be taken back. */
  isTorn: boolean;
}

interface Waiting {
  /** Whether to wait for the disk, and not only for the operating system. */
  readonly waitsForDisk: boolean;
  /** Where the file is, if it may be new there. */
  readonly directory?: DirectorySync;
}

/**
 * Adds text to a file, all of it or nothing.
 *
 * Opening and writing take microseconds, as they end in the memory of the operating system; only waiting for the disk is
 * worth leaving to another thread.
 *
 * @throws StoreWriteError if it was not written
 */
export async function append(file: AppendFile, text: string, { waitsForDisk, directory }: Waiting): Promise<void> {
  const bytes = Buffer.from(text);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file.path, 'a');
    if (file.isTorn) ftruncateSync(descriptor, file.size);
    file.isTorn = true;
    for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
    if (waitsForDisk) await allOf([syncData(descriptor), directory?.sync()]);
    file.size += bytes.length;
    file.isTorn = false;
  } catch (error) {
    takeBack(file, descriptor);
    throw new StoreWriteError(file.path, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Waits for all before it fails. */
async function allOf(waits: readonly (Promise<void> | undefined)[]): Promise<void> {
  const failed = (await Promise.allSettled(waits)).find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}

/** If this fails as well, the next append does it, or the next opening, which finds half a line. */
function takeBack(file: AppendFile, descriptor: number | undefined): void {
  if (descriptor === undefined) return;
  try {
    ftruncateSync(descriptor, file.size);
    file.isTorn = false;
    if (file.size === 0) rmSync(file.path);
  } catch {
    // It stays torn.
  }
}

/** Makes sure that the files that were created in a directory, or moved there, are found after a power failure. */
export class DirectorySync {
  private next: Promise<void> | undefined;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly path: string) {}

  /** Waits for the disk. Those that ask while another waits share what comes next. */
  sync(): Promise<void> {
    this.next ??= this.last
      .catch(() => {})
      .then(() => {
        this.last = this.next ?? this.last;
        this.next = undefined;
        return syncDirectory(this.path);
      });
    return this.next;
  }
}

export async function syncDirectory(path: string): Promise<void> {
  // Windows has no such thing.
  if (process.platform === 'win32') return;
  const descriptor = openSync(path, 'r');
  try {
    await syncAll(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
