import type { EnginePorts } from './ports.js';
import type { Session } from './session.js';

/** Runs that are kept in memory although they wait, since they may go on soon: let go after a while. */
export class IdleSessions {
  /** Since when each is idle, the longest first. */
  private readonly since = new Map<string, number>();
  private disarm: (() => void) | undefined;
  private isStopped = false;

  constructor(
    private readonly ports: EnginePorts,
    private readonly findSession: (runId: string) => Session | undefined,
  ) {}

  add(runId: string): void {
    if (this.isStopped) return;
    this.since.delete(runId);
    this.since.set(runId, this.ports.clock.now());
    if (!this.disarm) this.arm();
  }

  delete(runId: string): void {
    this.since.delete(runId);
  }

  stop(): void {
    this.isStopped = true;
    this.disarm?.();
    this.disarm = undefined;
    this.since.clear();
  }

  private arm(): void {
    const [first] = this.since.values();
    this.disarm =
      first === undefined
        ? undefined
        : this.ports.clock.schedule(first + this.ports.options.sessionIdleMs, () => this.sweep());
  }

  private sweep(): void {
    const longIdle = this.ports.clock.now() - this.ports.options.sessionIdleMs;
    for (const [runId, since] of this.since) {
      if (since > longIdle) break;
      this.since.delete(runId);
      this.findSession(runId)
        ?.release()
        .catch((error: unknown) =>
          this.ports.logger.warn('a waiting run could not be released; its lease will expire', { runId, error }),
        );
    }
    this.arm();
  }
}
