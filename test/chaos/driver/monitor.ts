import type { Database, RunRow } from './database.js';
import { pause } from './wait.js';

const LOOK_EVERY_MS = 200;

/** Looks at the runs every so often: who commits, whether a fence ever falls, how many have ended. */
export class Monitor {
  /** As they were at the last look, by id. */
  runs: ReadonlyMap<string, RunRow> = new Map();
  /** Who was seen to commit: a run that it holds has got on under one fence. */
  readonly committed = new Set<string>();
  readonly violations: string[] = [];
  private isStopped = false;
  private readonly watching: Promise<void>;

  constructor(private readonly database: Database) {
    this.watching = this.watch();
    this.watching.catch(() => {});
  }

  get ended(): number {
    return [...this.runs.values()].filter((run) => run.ended).length;
  }

  /** How many events all runs have together. */
  get events(): number {
    return [...this.runs.values()].reduce((sum, run) => sum + run.sequence, 0);
  }

  /** The runs that somebody holds and that go on. */
  heldBy(owner: string): readonly RunRow[] {
    return [...this.runs.values()].filter((run) => run.owner === owner && !run.ended);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.watching;
  }

  private async watch(): Promise<void> {
    while (!this.isStopped) {
      const runs = new Map((await this.database.runs()).map((run) => [run.run_id, run]));
      for (const run of runs.values()) this.compare(run, this.runs.get(run.run_id));
      for (const [runId] of this.runs) if (!runs.has(runId)) this.violations.push(`run ${runId} has vanished`);
      this.runs = runs;
      await pause(LOOK_EVERY_MS);
    }
  }

  private compare(run: RunRow, before: RunRow | undefined): void {
    if (!before) return;
    if (run.fence < before.fence) this.violations.push(`the fence of ${run.run_id} fell to ${run.fence}`);
    if (run.sequence < before.sequence) this.violations.push(`${run.run_id} has lost events`);
    if (before.ended && run.sequence !== before.sequence)
      this.violations.push(`${run.run_id} was written after its end`);
    const hasGotOn = run.owner !== null && run.owner === before.owner && run.fence === before.fence;
    if (hasGotOn && run.sequence > before.sequence) this.committed.add(run.owner!);
  }
}
