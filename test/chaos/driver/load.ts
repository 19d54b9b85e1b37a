import type { WorkflowClient } from 'nestjs-pyworkflow';
import { APPROVAL_TIMEOUT_MS, type Job, type Kind, KINDS, RACE_MS } from '../app/job.js';
import { Courier } from './courier.js';
import type { Monitor } from './monitor.js';
import type { Random } from './random.js';
import { pause } from './wait.js';

/** A run that was started. */
export interface StartedJob {
  readonly kind: Kind;
  readonly job: Job;
}

/** Most runs are short, so that a process that is killed always has some in the middle. */
const MIX: readonly Kind[] = [
  ...KINDS.filter((kind) => kind !== 'long'),
  ...(['sequence', 'sequence', 'sequence', 'fan-out', 'approval'] as const),
];

/** Starts runs and delivers to their hooks, as users and webhooks do: again and again until it has worked. */
export class Load {
  readonly jobs: StartedJob[] = [];
  readonly courier: Courier;
  private isFeeding = false;
  private feeding: Promise<void> = Promise.resolve();

  constructor(
    private readonly client: WorkflowClient,
    private readonly monitor: Monitor,
    private readonly random: Random,
  ) {
    this.courier = new Courier(client);
  }

  get underWay(): number {
    return this.jobs.length - this.monitor.ended;
  }

  /** Starts a run. Resolves when it is stored, however long the database is away. */
  async start(kind: Kind): Promise<StartedJob> {
    const job: Job = { id: `${kind}-${this.jobs.length + 1}`, n: this.random.below(100_000) };
    const started = { kind, job };
    this.jobs.push(started);
    for (const deadline = Date.now() + 60_000; ;) {
      try {
        await this.client.start(kind, [job], { runId: job.id });
        break;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await pause(200);
      }
    }
    this.deliverTo(started);
    return started;
  }

  async startMany(count: number, kinds: readonly Kind[] = MIX): Promise<void> {
    const chosen = Array.from({ length: count }, () => this.random.pick(kinds));
    await Promise.all(chosen.map((kind) => this.start(kind)));
  }

  /** Keeps so many runs under way until it is told to stop. */
  feed(underWay: number, kinds: readonly Kind[] = MIX): void {
    this.isFeeding = true;
    this.feeding = this.keepFeeding(underWay, kinds);
    this.feeding.catch(() => {});
  }

  /** Starts no more. */
  async stopFeeding(): Promise<void> {
    this.isFeeding = false;
    await this.feeding;
  }

  private async keepFeeding(underWay: number, kinds: readonly Kind[]): Promise<void> {
    while (this.isFeeding) {
      const missing = underWay - this.underWay;
      if (missing > 0) await this.startMany(Math.min(missing, 10), kinds);
      await pause(100);
    }
  }

  private deliverTo({ kind, job }: StartedJob): void {
    const { n } = job;
    switch (kind) {
      case 'approval':
        // At once, near the end of the time, or never.
        if (n % 3 < 2) this.courier.send(job, [n], { afterMs: n % 3 === 0 ? 100 : APPROVAL_TIMEOUT_MS - 300 });
        break;
      case 'race':
        if (n % 3 < 2) this.courier.send(job, [n], { afterMs: n % 3 === 0 ? 100 : RACE_MS - 200 });
        break;
      case 'collect':
        this.courier.send(job, [n, n + 1, n + 2], { afterMs: n % 700 });
        break;
      default:
    }
  }
}
