import { statSync } from 'node:fs';
import { isEnded } from '../core/index.js';
import { type Decision, type HookRow, type RunChange, RunTables } from '../tables/index.js';
import { Archive } from './archive.js';
import { addCompacts } from './compacts.js';
import { EndedRuns } from './ended-runs.js';
import { openingError } from './errors.js';
import { FileReader } from './file-reader.js';
import type { FileStoreOptions } from './file.options.js';
import { loadEnded, loadLive } from './load.js';
import { type OpenDirectory, openDirectory } from './open-directory.js';
import { lineOf } from './record.js';
import { RunFiles } from './run-files.js';
import { type ChangeSink, type Durability, RunLanes, type Task } from './run-lanes.js';

/** How a change is handed in, beside what it is. */
export type ChangeOptions = Pick<Task<unknown>, 'takes' | 'name'>;

/**
 * An open directory: the rows of the runs that go on in memory, everything in files.
 *
 * F1. A run's file is the truth about it; everything else can be made again from the files.
 * F2. What is in memory is what the files say, up to leases that were extended and heartbeats that were repeated: a
 *     store that is closed writes those, and for one whose process died they are those of a dead process anyway.
 */
export class FileBackend implements ChangeSink {
  readonly tables = new RunTables();
  readonly ended = new EndedRuns();
  readonly reader: FileReader;
  private readonly files: RunFiles;
  private readonly archive: Archive;
  private readonly lanes = new RunLanes(this);
  /** The runs that have more in memory than in their file. */
  private readonly unsaved = new Set<string>();

  private constructor(
    private readonly directory: OpenDirectory,
    isSynchronous: boolean,
  ) {
    const { layout } = directory;
    const { tables, ended } = this;
    const files = new RunFiles(layout, isSynchronous);
    const index = { path: layout.endedIndex, size: 0, isTorn: false };
    this.files = files;
    this.reader = new FileReader(layout, files, ended);
    this.archive = new Archive({ layout, tables, files, ended, index });
  }

  static async open({ path, synchronous = 'FULL' }: FileStoreOptions): Promise<FileBackend> {
    const directory = await openDirectory(path);
    try {
      const backend = new FileBackend(directory, synchronous === 'FULL');
      await backend.load();
      return backend;
    } catch (error) {
      directory.lock.release();
      throw openingError(path, error);
    }
  }

  private async load(): Promise<void> {
    const { layout } = this.directory;
    const ended = await loadEnded(layout);
    this.ended.addAll(ended.values());
    for (const run of ended.values()) {
      this.tables.addStart(run);
      for (const hook of run.hooks ?? []) this.tables.addToken(hook);
    }
    this.archive.index.size = statSync(layout.endedIndex).size;
    for (const { runId, file } of await loadLive(layout, this.tables)) {
      this.files.add(runId, file);
      this.putAwayIfEnded(runId);
    }
  }

  /** Decides about a change of a run when all earlier ones are made, and makes it. */
  change<Result>(
    runId: string,
    decide: () => Decision<Result>,
    durability: Durability | (() => Durability),
    options?: ChangeOptions,
  ): Promise<Result> {
    const howDurable = typeof durability === 'string' ? () => durability : durability;
    return this.lanes.submit(runId, { ...options, decide: () => ({ durability: howDurable(), ...decide() }) });
  }

  hooksOf(runId: string): readonly HookRow[] {
    const live = this.tables.runs.get(runId);
    return live ? [...live.hooks.values()] : (this.ended.get(runId)?.hooks ?? []);
  }

  async write(runId: string, changes: readonly RunChange[], durability: Durability): Promise<void> {
    if (durability === 'memory') this.unsaved.add(runId);
    else await this.files.append(runId, changes.map(lineOf), durability === 'disk');
  }

  apply(change: RunChange): void {
    this.tables.apply(change);
    const file = this.files.get(change.runId);
    if (file) addCompacts(file.compacts, change.compacts);
    this.putAwayIfEnded(change.runId);
  }

  async close(): Promise<void> {
    await this.lanes.idle();
    await Promise.all([...this.unsaved].map((runId) => this.save(runId)));
    await this.archive.idle();
    this.directory.lock.release();
  }

  /** Nothing depends on it that a process that goes on could not do without, so a full disk is no obstacle. */
  private async save(runId: string): Promise<void> {
    const run = this.tables.runs.get(runId);
    if (!run || isEnded(run.record.status)) return;
    const change = { runId, row: run.record, heartbeats: [...run.heartbeats.values()] };
    await this.change(runId, () => ({ result: undefined, change }), 'file').catch(() => {});
  }

  private putAwayIfEnded(runId: string): void {
    const run = this.tables.runs.get(runId);
    if (run && isEnded(run.record.status)) this.archive.add(runId);
  }
}
