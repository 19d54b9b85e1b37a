import type { Commit, Heartbeat, WorkflowStore } from '../libs/core/index.js';

const WRITES = ['commit', 'append', 'deliverHook', 'claim', 'release', 'renew', 'heartbeat', 'announce'] as const;
const READS = ['inbox', 'due', 'heartbeats', 'processes'] as const;

type Call = (typeof WRITES)[number] | (typeof READS)[number];

/** What a process asks of its store, counted from now on. */
export class StoreWatch {
  /** How often each kind of change was asked for; `begin` is a heartbeat that begins attempts. */
  readonly writes: Record<string, number> = {};
  /** The most commits of one run that were under way at once. */
  mostCommitsAtOnce = 0;
  private readonly committing = new Map<string, number>();
  private underWay = 0;

  constructor(store: WorkflowStore) {
    for (const name of [...WRITES, ...READS]) this.watch(store as unknown as Record<Call, AnyCall>, name);
  }

  /** Nothing is being read or written. */
  get isQuiet(): boolean {
    return this.underWay === 0;
  }

  private watch(store: Record<Call, AnyCall>, name: Call): void {
    const original = store[name].bind(store);
    store[name] = async (...args) => {
      if ((WRITES as readonly string[]).includes(name)) this.count(name, args[0]);
      const runId = name === 'commit' ? (args[0] as Commit).runId : undefined;
      this.underWay += 1;
      if (runId !== undefined) this.note(runId, 1);
      try {
        return await original(...args);
      } finally {
        this.underWay -= 1;
        if (runId !== undefined) this.note(runId, -1);
      }
    };
  }

  private count(name: string, argument: unknown): void {
    const begins = name === 'heartbeat' && (argument as readonly Heartbeat[])[0]?.begins === true;
    const kind = begins ? 'begin' : name;
    this.writes[kind] = (this.writes[kind] ?? 0) + 1;
  }

  private note(runId: string, by: 1 | -1): void {
    const count = (this.committing.get(runId) ?? 0) + by;
    this.committing.set(runId, count);
    this.mostCommitsAtOnce = Math.max(this.mostCommitsAtOnce, count);
  }
}

type AnyCall = (...args: unknown[]) => Promise<unknown>;
