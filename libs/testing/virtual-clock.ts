import { BinaryHeap, Clock } from '../core/index.js';

interface Timer {
  readonly at: number;
  readonly order: number;
  /** Absent once it has gone off or was cancelled. */
  callback?: () => void;
}

/** Time that moves only when it is told to. Timers of one instant go off in the order in which they were set. */
export class VirtualClock extends Clock {
  private readonly heap = new BinaryHeap<Timer>((a, b) => a.at < b.at || (a.at === b.at && a.order < b.order));
  private timers = 0;

  constructor(private time = 0) {
    super();
  }

  override now(): number {
    return this.time;
  }

  override schedule(at: number, callback: () => void): () => void {
    const timer: Timer = { at: Math.max(at, this.time), order: ++this.timers, callback };
    this.heap.push(timer);
    return () => delete timer.callback;
  }

  /** It is the time of the store as well. */
  override follow(): void {}

  /** When the next timer goes off; undefined if there is none. */
  get nextAt(): number | undefined {
    while (this.heap.first && !this.heap.first.callback) this.heap.pop();
    return this.heap.first?.at;
  }

  /** Moves to the next timer and sets it off. @returns false if there is none. */
  runNext(): boolean {
    const at = this.nextAt;
    if (at === undefined) return false;
    const timer = this.heap.pop();
    this.time = at;
    timer?.callback?.();
    return true;
  }
}
