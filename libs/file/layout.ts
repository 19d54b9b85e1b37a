import { join } from 'node:path';
import { fileName } from './file-name.js';

/** What is where in the directory of a store. */
export class Layout {
  /** The runs that have not ended: a file each, which grows. */
  readonly live: string;
  /** The runs that have ended: a directory for each day on which some were created, a file for each run. */
  readonly ended: string;
  /** A line for each run that has ended, for lists; made again from the files if it is gone. */
  readonly endedIndex: string;
  /** Says what this is, and in which format. */
  readonly about: string;

  constructor(readonly root: string) {
    this.live = join(root, 'live');
    this.ended = join(root, 'ended');
    this.endedIndex = join(root, 'ended.jsonl');
    this.about = join(root, 'store.json');
  }

  liveFile(runId: string): string {
    return join(this.live, fileName(runId));
  }

  endedDirectory(createdAt: number): string {
    return join(this.ended, dayOf(createdAt));
  }

  endedFile({ runId, createdAt }: { readonly runId: string; readonly createdAt: number }): string {
    return join(this.endedDirectory(createdAt), fileName(runId));
  }
}

function dayOf(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? 'unknown' : date.toISOString().replace(/T.*/, '');
}
