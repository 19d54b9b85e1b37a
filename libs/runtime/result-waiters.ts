import type { CommitResult, RunRecord } from '../core/index.js';
import type { EnginePorts } from './ports.js';

/** How a run has ended. */
export type RunEnd = Pick<RunRecord, 'runId' | 'workflow' | 'status' | 'output' | 'error'>;

type Tell = (end?: RunEnd) => void;

/** How long after its start a run whose end nobody has told of is taken to go on: notices can be lost. */
const FRESH_MS = 1_000;

/** Those who wait for runs to end: told by the process that held the run, if it is this one, or by the notifier. */
export class ResultWaiters {
  private readonly waiting = new Map<string, Set<Tell>>();
  /** Runs that this process has stored for others, whose end it would have heard of, and until when that is believed. */
  private readonly unended = new Map<string, number>();
  private readonly unsubscribe: (() => void)[] = [];
  /** Nobody is told any more. */
  isStopped = false;

  constructor(private readonly ports: EnginePorts) {}

  start(): void {
    const { notifier } = this.ports;
    this.unsubscribe.push(
      notifier.subscribe((notice) => {
        if (notice.type !== 'run.ended') return;
        this.unended.delete(notice.runId);
        for (const tell of this.waiting.get(notice.runId) ?? []) tell();
      }),
      notifier.onMissed(() => this.tellAll()),
    );
  }

  stop(): void {
    for (const end of this.unsubscribe.splice(0)) end();
    this.isStopped = true;
    this.tellAll();
  }

  /** A run has ended in this process, and that is committed. */
  tell(end: RunEnd): void {
    for (const tell of this.waiting.get(end.runId) ?? []) tell(end);
  }

  /** Stores a new run for others to begin. If it is stored, this process hears of its end from then on. */
  async hearOf(runId: string, store: () => Promise<CommitResult>): Promise<CommitResult> {
    if (this.unsubscribe.length > 0) this.unended.set(runId, Infinity);
    let isNew = false;
    try {
      const result = await store();
      isNew = result.type === 'committed';
      return result;
    } finally {
      const isUntold = this.unended.delete(runId);
      this.dropStale();
      if (isNew && isUntold) this.unended.set(runId, this.ports.clock.now() + FRESH_MS);
    }
  }

  /** Whether a run cannot have ended unheard of. Says so once: who has waited in vain looks. */
  takeUnended(runId: string): boolean {
    const until = this.unended.get(runId) ?? 0;
    this.unended.delete(runId);
    return until > this.ports.clock.now();
  }

  /** Listens for the end of a run, for `ms` at most: `told` resolves when it may have ended, with how if that is known. */
  listen(runId: string, ms: number): Listening {
    const { clock } = this.ports;
    const listeners = this.waiting.get(runId) ?? new Set<Tell>();
    this.waiting.set(runId, listeners);
    let tell!: Tell;
    const told = new Promise<RunEnd | undefined>((resolve) => (tell = resolve));
    listeners.add(tell);
    const disarm = clock.schedule(clock.now() + ms, () => tell());
    return {
      told,
      end: () => {
        disarm();
        listeners.delete(tell);
        if (listeners.size === 0) this.waiting.delete(runId);
      },
    };
  }

  private dropStale(): void {
    const now = this.ports.clock.now();
    for (const [runId, until] of this.unended) {
      if (until > now) break;
      this.unended.delete(runId);
    }
  }

  private tellAll(): void {
    this.unended.clear();
    for (const listeners of this.waiting.values()) for (const tell of listeners) tell();
  }
}

export interface Listening {
  readonly told: Promise<RunEnd | undefined>;
  end(): void;
}
