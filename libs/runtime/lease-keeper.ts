import type { EnginePorts } from './ports.js';
import type { Session } from './session.js';

/** Renews the leases of the runs that this process holds, all in one statement, three times a lease. */
export class LeaseKeeper {
  private disarm: (() => void) | undefined;
  private stopped = false;

  constructor(
    private readonly ports: EnginePorts,
    private readonly sessions: ReadonlyMap<string, Session>,
  ) {}

  start(): void {
    this.stopped = false;
    this.arm();
  }

  stop(): void {
    this.stopped = true;
    this.disarm?.();
  }

  private arm(): void {
    const { clock, options } = this.ports;
    this.disarm = clock.schedule(
      clock.now() + options.leaseMs / 3,
      () => void this.renew().finally(() => this.stopped || this.arm()),
    );
  }

  private async renew(): Promise<void> {
    const { store, clock, logger, options } = this.ports;
    const held = [...this.sessions.values()].filter((session) => session.isStored);
    if (held.length === 0) return;
    const leases = held.map(({ runId, fence }) => ({ runId, owner: options.owner, fence }));
    try {
      const lost = new Set(await store.renew(leases, clock.now() + options.leaseMs));
      for (const session of held) if (lost.has(session.runId)) session.onLeaseLost();
    } catch (error) {
      logger.warn('leases could not be renewed; they are tried again before they expire', { runs: held.length, error });
    }
  }
}
