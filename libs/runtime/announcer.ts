import type { EnginePorts } from './ports.js';
import type { WorkflowDefinition } from './registry.js';

/** Tells the store every so often that this process lives and what it can run, and sets the clock by the store's. */
export class Announcer {
  private disarm: (() => void) | undefined;
  private isStopped = false;

  constructor(private readonly ports: EnginePorts) {}

  async start(): Promise<void> {
    this.isStopped = false;
    await this.announce();
    this.arm();
  }

  /** Takes back what was announced. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.disarm?.();
    if (!this.isAlone) await this.tell(0).catch(() => {}); // it is forgotten in time
  }

  private arm(): void {
    const { clock, options } = this.ports;
    this.disarm = clock.schedule(
      clock.now() + options.leaseMs / 3,
      () => void this.announce().finally(() => this.isStopped || this.arm()),
    );
  }

  /** Nobody would listen to the one process of an exclusive store. */
  private get isAlone(): boolean {
    return this.ports.store.exclusive;
  }

  async announce(): Promise<void> {
    const { clock, logger, options } = this.ports;
    if (this.isAlone) return;
    try {
      const asked = performance.now();
      const time = await this.tell(clock.now() + 2 * options.leaseMs);
      const halfWayMs = (performance.now() - asked) / 2;
      if (time !== undefined) clock.follow(time + halfWayMs, halfWayMs);
    } catch (error) {
      logger.warn('this process could not announce itself in the store, and tries again', { error });
    }
  }

  private tell(until: number): Promise<number | undefined> {
    const { registry, options, store } = this.ports;
    const { owner, role } = options;
    const workflows = role === 'step-worker' ? [] : registry.workflows.map(versionName);
    const steps = registry.steps.filter(({ local }) => role !== 'orchestrator' || local).map(({ name }) => name);
    return store.announce({ owner, role, workflows, steps, until });
  }
}

/** How a version of a workflow is announced. */
export function versionName({ name, version }: Pick<WorkflowDefinition, 'name' | 'version'>): string {
  return `${name}@${version}`;
}
