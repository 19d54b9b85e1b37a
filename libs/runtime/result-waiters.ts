import type { RunRecord } from '../core/index.js';
import type { EnginePorts } from './ports.js';

/** How a run has ended. */
export type RunEnd = Pick<RunRecord, 'runId' | 'workflow' | 'status' | 'output' | 'error'>;

type Tell = (end?: RunEnd) => void;

/** Those who wait for runs to end: told by the process that held the run, if it is this one, or by the notifier. */
export class ResultWaiters {
  private readonly waiting = new Map<string, Set<Tell>>();
  private readonly unsubscribe: (() => void)[] = [];
  /** Nobody is told any more. */
  isStopped = false;

  constructor(private readonly ports: EnginePorts) {}

  start(): void {
    const { notifier } = this.ports;
    this.unsubscribe.push(
      notifier.subscribe((notice) => {
        if (notice.type !== 'run.ended') return;
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

  private tellAll(): void {
    for (const listeners of this.waiting.values()) for (const tell of listeners) tell();
  }
}

export interface Listening {
  readonly told: Promise<RunEnd | undefined>;
  end(): void;
}
