import type { Activator } from './activator.js';

/** Renews the leases of the runs that this process holds, all in one statement, three times a lease. */
export class LeaseKeeper {
  private disarm: (() => void) | undefined;
  private stopped = false;

  constructor(private readonly activator: Activator) {}

  start(): void {
    this.stopped = false;
    this.arm();
  }

  stop(): void {
    this.stopped = true;
    this.disarm?.();
  }

  private arm(): void {
    const { clock, options } = this.activator.ports;
    this.disarm = clock.schedule(
      clock.now() + options.leaseMs / 3,
      () => void this.renew().finally(() => this.stopped || this.arm()),
    );
  }

  private async renew(): Promise<void> {
    const { store, clock, logger, options } = this.activator.ports;
    const held = [...this.activator.leases()];
    if (held.length === 0) return;
    try {
      const lost = new Set(await store.renew(held, clock.now() + options.leaseMs));
      for (const lease of held) if (lost.has(lease.runId)) this.activator.onLeaseLost(lease);
    } catch (error) {
      logger.warn('leases could not be renewed; they are tried again before they expire', { runs: held.length, error });
    }
  }
}
