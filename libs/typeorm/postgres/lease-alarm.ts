const STRIDE_MS = 4_096;

/**
 * The alarm that stands for the end of a lease: up to four seconds early, and the same for many leases.
 *
 * A lease is extended by every commit. If its index entry changed each time, PostgreSQL would write new entries into
 * all indexes of the run; as long as no indexed column changes, it writes into none. Whoever looks for alarms compares
 * `lease_until` as well.
 */
export function leaseAlarm(until: number): number {
  return Math.floor(until / STRIDE_MS) * STRIDE_MS;
}
