import { BinaryHeap, type Clock } from '../core/index.js';

interface Alarm {
  readonly at: number;
  readonly runId: string;
}

/** How many old entries are no reason to clear out. */
const SLACK = 1_000;

/**
 * The alarms that go off soon, earliest first, under one timer of the clock.
 *
 * A run has one alarm: setting it again moves it. The old entry stays in the heap, and is passed over when it comes up,
 * or is gone when the heap holds more of such than of others.
 */
export class AlarmHeap {
  private readonly heap = new BinaryHeap<Alarm>((a, b) => a.at < b.at);
  private readonly current = new Map<string, number>();
  private disarm: (() => void) | undefined;
  private armedFor = Infinity;
  private isStopped = false;

  constructor(
    private readonly clock: Clock,
    private readonly ring: (runId: string) => void,
  ) {}

  /** Of the heap: with what is left of alarms that were moved or cleared. */
  get size(): number {
    return this.heap.size;
  }

  set(runId: string, at: number): void {
    if (this.isStopped || this.current.get(runId) === at) return;
    this.current.set(runId, at);
    this.heap.push({ at, runId });
    if (this.heap.size > 2 * this.current.size + SLACK) this.clearOut();
    if (at < this.armedFor) this.arm();
  }

  clear(runId: string): void {
    this.current.delete(runId);
  }

  stop(): void {
    this.isStopped = true;
    this.disarm?.();
    this.heap.clear();
    this.current.clear();
    this.armedFor = Infinity;
  }

  private clearOut(): void {
    this.heap.clear();
    for (const [runId, at] of this.current) this.heap.push({ at, runId });
  }

  private arm(): void {
    this.disarm?.();
    this.armedFor = this.heap.first?.at ?? Infinity;
    this.disarm = this.heap.size === 0 ? undefined : this.clock.schedule(this.armedFor, () => this.ringDue());
  }

  private ringDue(): void {
    const now = this.clock.now();
    for (let first = this.heap.first; first && first.at <= now; first = this.heap.first) {
      this.heap.pop();
      if (this.current.get(first.runId) !== first.at) continue;
      this.current.delete(first.runId);
      this.ring(first.runId);
    }
    this.arm();
  }
}
