import type { LedgerRow } from '../../processes/support/ledger.js';
import type { Stage } from '../driver/stage.js';
import type { Histories } from './history.js';

/** The clocks of the processes follow that of the database, and differ from ours by as much as a look at it takes. */
const CLOCKS_DIFFER_BY_MS = 250;
/** The time of an outcome is that of its application; its commit follows when the database answers. */
const COMMITS_TAKE_MS = 500;

/** Each outcome has an effect in the ledger, and no step begins once its outcome is committed. */
export function checkEffects({ effects, deployment }: Stage, histories: Histories, patienceMs: number): string[] {
  const faults: string[] = [];
  const rows = groupByKey(effects.read());
  for (const [runId, history] of histories) {
    for (const { type, ref, at, attempt } of history) {
      if (type !== 'step.completed') continue;
      const own = rows.get(`${runId}:${ref}`) ?? [];
      const ended = own.find((row) => row.event === 'end' && row.attempt === attempt);
      if (!ended) faults.push(`${runId}: ${ref} has an outcome of attempt ${attempt}, which has not ended`);
      else if (ended.at > at + CLOCKS_DIFFER_BY_MS) faults.push(`${runId}: ${ref} had its outcome before its effect`);
      for (const row of own) {
        const isLate = row.event === 'begin' && row.at > at + CLOCKS_DIFFER_BY_MS + COMMITS_TAKE_MS + patienceMs;
        if (!isLate || deployment.wasFrozenAt(row.pid, row.at)) continue;
        faults.push(
          `${runId}: attempt ${row.attempt} of ${ref} began ${row.at - at} ms after the outcome (process ${row.pid})`,
        );
      }
    }
  }
  return faults;
}

function groupByKey(rows: readonly LedgerRow[]): ReadonlyMap<string, readonly LedgerRow[]> {
  const groups = new Map<string, LedgerRow[]>();
  for (const row of rows) {
    const group = groups.get(row.key ?? '') ?? [];
    group.push(row);
    groups.set(row.key ?? '', group);
  }
  return groups;
}
