import { type Clock, type CommitResult, type RunRecord, TurnoverMap } from '../core/index.js';
import type { EnginePorts } from './ports.js';

/** How a run has ended. */
export type RunEnd = Pick<RunRecord, 'runId' | 'workflow' | 'status' | 'output' | 'error'>;

/** How long after its start a run whose end nobody has told of is taken to go on: notices can be lost. */
const FRESH_MS = 1_000;

/** Those who wait for runs to end: told by the process that held the run, if it is this one, or by the notifier. */
export class ResultWaiters {
  /** The latest one for each run, and behind it the others. */
  private readonly listeners = new TurnoverMap<string, Listening>();
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
        this.tellThoseOf(notice.runId);
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
    this.tellThoseOf(end.runId, end);
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

  /** Listens for the end of a run from now on. */
  listen(runId: string): Listening {
    const listening = new Listening(runId, this.listeners.get(runId));
    this.listeners.set(runId, listening);
    return listening;
  }

  end(listening: Listening): void {
    const { runId, others } = listening;
    const latest = this.listeners.get(runId);
    for (let each = latest; each; each = each.others) if (each.others === listening) each.others = others;
    if (latest !== listening) return;
    if (others) this.listeners.set(runId, others);
    else this.listeners.delete(runId);
  }

  private dropStale(): void {
    const now = this.ports.clock.now();
    for (const [runId, until] of this.unended) {
      if (until > now) break;
      this.unended.delete(runId);
    }
  }

  private tellThoseOf(runId: string, end?: RunEnd): void {
    for (let listening = this.listeners.get(runId); listening; listening = listening.others) listening.tell(end);
  }

  private tellAll(): void {
    this.unended.clear();
    for (const runId of this.listeners.keys()) this.tellThoseOf(runId);
  }
}

/** Somebody who wants to know when a run ends. Most look at the store and find that it has: they are kept small. */
export class Listening {
  private isTold = false;
  private how: RunEnd | undefined;
  private goOn: (() => void) | undefined;

  constructor(
    readonly runId: string,
    /** Those who began before. */
    public others: Listening | undefined,
  ) {}

  /** The store is to be looked at again: what was told before, but for the end itself, counts no more. */
  renew(): void {
    this.isTold = this.how !== undefined;
    this.goOn = undefined;
  }

  tell(how?: RunEnd): void {
    this.isTold = true;
    this.how ??= how;
    this.goOn?.();
  }

  /** Waits until the run may have ended, or the time has come. @returns how it has ended, if that is known */
  wait(clock: Clock, until: number): Promise<RunEnd | undefined> {
    return new Promise((resolve) => {
      if (this.isTold) return resolve(this.how);
      const disarm = clock.schedule(until, () => resolve(this.how));
      this.goOn = () => {
        disarm();
        resolve(this.how);
      };
    });
  }
}
