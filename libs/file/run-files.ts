import type { HistoryCompacted } from '../core/index.js';
import { append, type AppendFile, DirectorySync } from './append.js';
import type { Layout } from './layout.js';
import { Slots } from './slots.js';

/** So that neither the limit of open files is reached, nor a disk that is slow keeps the others waiting. */
const OPEN_AT_ONCE = 64;

/** The file of a run that has not ended, or not been put away yet. */
export interface RunFile extends AppendFile {
  /** Where its last line begins; if the run has ended, that has its row. */
  lastLineAt: number;
  /** What readers see in the place of events that are in the file still. */
  readonly compacts: HistoryCompacted[];
}

export function newRunFile(path: string): RunFile {
  return { path, size: 0, lastLineAt: 0, isTorn: false, compacts: [] };
}

/** The files of the runs that are in memory, and how they grow. */
export class RunFiles {
  private readonly files = new Map<string, RunFile>();
  private readonly slots = new Slots(OPEN_AT_ONCE);
  private readonly live: DirectorySync;

  constructor(
    private readonly layout: Layout,
    private readonly isSynchronous: boolean,
  ) {
    this.live = new DirectorySync(layout.live);
  }

  get(runId: string): RunFile | undefined {
    return this.files.get(runId);
  }

  add(runId: string, file: RunFile): void {
    this.files.set(runId, file);
  }

  forget(runId: string): void {
    this.files.delete(runId);
  }

  /** Adds lines to the file of a run, which is created if need be. All of them count when this resolves, or none. */
  async append(runId: string, lines: readonly string[], needsDisk: boolean): Promise<void> {
    const file = this.files.get(runId) ?? newRunFile(this.layout.liveFile(runId));
    const { size } = file;
    const waitsForDisk = needsDisk && this.isSynchronous;
    const directory = size === 0 ? this.live : undefined;
    this.files.set(runId, file);
    try {
      await this.slots.run(() => append(file, lines.join(''), { waitsForDisk, directory }));
      file.lastLineAt = size + Buffer.byteLength(lines.slice(0, -1).join(''));
    } catch (error) {
      if (file.size === 0 && !file.isTorn) this.files.delete(runId);
      throw error;
    }
  }
}
