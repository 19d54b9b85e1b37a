import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HistoryEvent, RunRecord } from '../../../libs/core/index.js';
import { TypeOrmStore } from '../../../libs/typeorm/index.js';
import { Ledger } from './ledger.js';
import { Program } from './program.js';

const scenes = new Set<Scene>();

/** A database file and a ledger that the processes of one test share. */
export class Scene {
  readonly ledger: Ledger;

  private constructor(private readonly directory: string) {
    this.ledger = new Ledger(join(directory, 'ledger.jsonl'));
  }

  static async create(): Promise<Scene> {
    const scene = new Scene(await mkdtemp(join(tmpdir(), 'pyworkflow-processes-')));
    scenes.add(scene);
    return scene;
  }

  start(program: string, env: Readonly<Record<string, string>> = {}): Program {
    return Program.start(program, { DATABASE: this.database, LEDGER: this.ledger.path, ...env });
  }

  /** Runs a program to its end. */
  async run(name: string, env?: Readonly<Record<string, string>>): Promise<Program> {
    const program = this.start(name, env);
    await program.end();
    return program;
  }

  get database(): string {
    return join(this.directory, 'workflows.db');
  }

  /** What the database says of a run, while no process has it. */
  async look(runId: string): Promise<Look> {
    return (await this.lookAtAll([runId])).get(runId)!;
  }

  async lookAtAll(runIds: readonly string[]): Promise<ReadonlyMap<string, Look>> {
    const store = new TypeOrmStore({ type: 'sqlite', path: this.database });
    await store.open();
    try {
      const looks = runIds.map(async (runId) => {
        const [run, history] = await Promise.all([store.runs.get(runId), store.events.load(runId, 0, 10_000)]);
        return [runId, { run, history }] as const;
      });
      return new Map(await Promise.all(looks));
    } finally {
      await store.close();
    }
  }

  static async removeAll(): Promise<void> {
    await Promise.all([...scenes].map(({ directory }) => rm(directory, { recursive: true, force: true })));
    scenes.clear();
  }
}

export interface Look {
  readonly run: RunRecord | undefined;
  readonly history: readonly HistoryEvent[];
}

/** The steps that a history has an outcome of, in order. */
export function completedSteps(history: readonly HistoryEvent[]): readonly string[] {
  return history.flatMap((event) => (event.type === 'step.completed' ? [event.id.split('#')[0]!] : []));
}
