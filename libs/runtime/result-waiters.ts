import type { EnginePorts } from './ports.js';

/** Those who wait for runs to end, told by the notifier. */
export class ResultWaiters {
  private readonly waiting = new Map<string, Set<() => void>>();
  private unsubscribe: (() => void) | undefined;
  /** Nobody is told any more. */
  isStopped = false;

  constructor(private readonly ports: EnginePorts) {}

  start(): void {
    this.unsubscribe = this.ports.notifier.subscribe((notice) => {
      if (notice.type !== 'run.ended') return;
      for (const tell of this.waiting.get(notice.runId) ?? []) tell();
    });
  }

  stop(): void {
    this.unsubscribe?.();
    this.isStopped = true;
    for (const listeners of this.waiting.values()) for (const tell of listeners) tell();
  }

  /** Listens for the end of a run, for `ms` at most: `told` resolves when it may have ended. */
  listen(runId: string, ms: number): Listening {
    const { clock } = this.ports;
    const listeners = this.waiting.get(runId) ?? new Set();
    this.waiting.set(runId, listeners);
    let tell!: () => void;
    const told = new Promise<void>((resolve) => (tell = resolve));
    listeners.add(tell);
    const disarm = clock.schedule(clock.now() + ms, tell);
    return {
      told,
      end: () => {
        disarm();
        listeners.delete(tell);
        if (listeners.size === 0) this.waiting.delete(runId);
      },
    };
  }
}

export interface Listening {
  readonly told: Promise<void>;
  end(): void;
}
