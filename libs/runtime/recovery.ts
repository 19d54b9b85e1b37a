import type { Activator } from './activator.js';
import type { EnginePorts } from './ports.js';

/** How many runs are looked at in one sweep. */
const SWEEP_LIMIT = 10_000;

/**
 * Brings back what everybody has forgotten: runs whose process died, whose messages were lost, whose time has come.
 *
 * The sweep also fills the alarm heap ahead, so that timers need no poll.
 */
export class Recovery {
  private disarm: (() => void) | undefined;
  private unsubscribe: (() => void) | undefined;
  private stopped = false;

  constructor(private readonly activator: Activator) {}

  /** Takes over what dead processes held, if this process alone has the store, and begins to sweep. */
  async start(): Promise<void> {
    const { ports } = this.activator;
    this.stopped = false;
    this.unsubscribe = ports.notifier.onMissed(() => this.lookAround());
    if (ports.store.exclusive) await ports.store.expireLeases(ports.clock.now());
    await eachBlocked(ports, (runId) => this.activator.wake(runId));
    await this.sweep();
    this.arm();
  }

  stop(): void {
    this.stopped = true;
    this.unsubscribe?.();
    this.disarm?.();
  }

  /** Wakes of any run may have been lost. */
  private lookAround(): void {
    for (const session of this.activator.sessions.values()) session.nudge();
    void this.trySweep();
  }

  private arm(): void {
    const { clock, options } = this.activator.ports;
    this.disarm = clock.schedule(clock.now() + options.recoveryIntervalMs / 3, () => {
      void this.trySweep().finally(() => this.stopped || this.arm());
    });
  }

  private async trySweep(): Promise<void> {
    await this.sweep().catch((error: unknown) =>
      this.activator.ports.logger.warn('the sweep for due runs failed, and is tried again', { error }),
    );
  }

  private async sweep(): Promise<void> {
    const { store, clock, options } = this.activator.ports;
    const now = clock.now();
    for (const { runId, at, suspect } of await store.due(now, SWEEP_LIMIT, now + options.recoveryIntervalMs)) {
      // One that is about to be started is found to be here already, and is gone then.
      if (this.activator.sessions.get(runId)?.isStored) continue;
      if (at > now) this.activator.alarms.set(runId, at);
      else if (suspect) this.activator.suspects.add(runId);
      else this.activator.wake(runId);
    }
  }
}

/** Calls back for each blocked run: a deploy may have brought the code that it waits for. */
export async function eachBlocked({ store }: EnginePorts, wake: (runId: string) => void): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await store.runs.list({
      status: ['blocked'],
      limit: 100,
      ...(cursor === undefined ? undefined : { cursor }),
    });
    for (const { runId } of page.runs) wake(runId);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}
