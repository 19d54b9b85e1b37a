/** Alarms that lie within as many milliseconds share a bucket, which is sorted only when it is read. */
const BUCKET_MS = 1_000;

export interface Alarm {
  readonly runId: string;
  readonly at: number;
}

/** Which run is due when: one alarm per run, read in the order of time. */
export class AlarmIndex {
  private readonly times = new Map<string, number>();
  private readonly buckets = new Map<number, Set<string>>();
  /** The keys of `buckets`, ascending. */
  private readonly order: number[] = [];

  /** Replaces the run's alarm; undefined removes it. */
  set(runId: string, at: number | undefined): void {
    const before = this.times.get(runId);
    if (before === at) return;
    if (before !== undefined) this.remove(runId, before);
    if (at !== undefined) this.add(runId, at);
  }

  /** The alarms at or before a time, the earliest first. */
  *until(before: number): Iterable<Alarm> {
    for (const key of this.order) {
      if (key * BUCKET_MS > before) return;
      yield* this.read(key, before);
    }
  }

  private read(key: number, before: number): Alarm[] {
    const alarms: Alarm[] = [];
    for (const runId of this.buckets.get(key) ?? []) {
      const at = this.times.get(runId);
      if (at !== undefined && at <= before) alarms.push({ runId, at });
    }
    return alarms.sort((a, b) => a.at - b.at);
  }

  private add(runId: string, at: number): void {
    const key = Math.floor(at / BUCKET_MS);
    this.times.set(runId, at);
    const bucket = this.buckets.get(key);
    if (bucket) {
      bucket.add(runId);
      return;
    }
    this.buckets.set(key, new Set([runId]));
    this.order.splice(this.position(key), 0, key);
  }

  private remove(runId: string, at: number): void {
    const key = Math.floor(at / BUCKET_MS);
    const bucket = this.buckets.get(key);
    this.times.delete(runId);
    bucket?.delete(runId);
    if (bucket?.size !== 0) return;
    this.buckets.delete(key);
    this.order.splice(this.position(key), 1);
  }

  /** Where a bucket's key is, or belongs. */
  private position(key: number): number {
    let low = 0;
    let high = this.order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.order[middle] ?? Infinity) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
