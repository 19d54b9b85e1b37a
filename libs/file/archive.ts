import { mkdirSync, renameSync } from 'node:fs';
import type { RunTables } from '../tables/index.js';
import { append, type AppendFile, syncDirectory } from './append.js';
import { endedRun, type EndedRun, type EndedRuns } from './ended-runs.js';
import type { Layout } from './layout.js';
import type { RunFiles } from './run-files.js';

export interface ArchiveParts {
  readonly layout: Layout;
  readonly tables: RunTables;
  readonly files: RunFiles;
  readonly ended: EndedRuns;
  readonly index: AppendFile;
}

/**
 * Puts runs away that have ended: a line in the index, then their files to those of the day, then out of memory.
 *
 * Nobody waits for it. The index comes first, so that every file that is put away is in it; what a crash leaves in
 * between is put away at the next opening.
 */
export class Archive {
  private waiting: string[] = [];
  private working: Promise<void> | undefined;
  private readonly days = new Set<string>();

  constructor(private readonly parts: ArchiveParts) {}

  /** The index grows with what is put away. */
  get index(): AppendFile {
    return this.parts.index;
  }

  add(runId: string): void {
    this.waiting.push(runId);
    this.start();
  }

  /** Resolves when all is put away, or cannot be. */
  async idle(): Promise<void> {
    this.start();
    while (this.working) await this.working;
  }

  private start(): void {
    if (this.waiting.length === 0) return;
    this.working ??= this.work().finally(() => (this.working = undefined));
  }

  private async work(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0);
      try {
        await this.putAway(batch);
      } catch {
        // They are whole where they are, and are tried again with those that follow, or at the next opening.
        const { tables } = this.parts;
        this.waiting = [...batch.filter((runId) => tables.runs.has(runId)), ...this.waiting];
        return;
      }
    }
  }

  private async putAway(batch: readonly string[]): Promise<void> {
    const { index, ended } = this.parts;
    const runs = batch.map((runId) => this.describe(runId));
    const unknown = runs.filter(({ runId }) => !ended.get(runId));
    const lines = unknown.map((run) => `${JSON.stringify(run)}\n`);
    if (lines.length > 0) await append(index, lines.join(''), { waitsForDisk: true });
    for (const run of runs) await this.move(run);
  }

  private describe(runId: string): EndedRun {
    const { tables, files } = this.parts;
    return endedRun(tables.runs.get(runId)!, files.get(runId)!);
  }

  private async move(run: EndedRun): Promise<void> {
    const { layout, tables, files, ended } = this.parts;
    const day = layout.endedDirectory(run.createdAt);
    if (!this.days.has(day)) {
      mkdirSync(day, { recursive: true });
      await syncDirectory(layout.ended);
      this.days.add(day);
    }
    renameSync(layout.liveFile(run.runId), layout.endedFile(run));
    if (!ended.get(run.runId)) ended.add(run);
    tables.forget(run.runId);
    files.forget(run.runId);
  }
}
