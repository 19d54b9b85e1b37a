import type { Claim, ClaimedRun, DueRun, HeldLease, Release } from '../core/index.js';
import { escaped, unescaped } from './escaped-text.js';
import type { ScriptCall } from './redis-connection.js';
import { entriesOf, type RunRow, toMessages, toRunRecord } from './rows.js';
import { CLAIM, FIND_DUE } from './scripts/lease.scripts.js';
import { wholeNumber } from './whole-number.js';

/** How many one script handles, so that it does not hold up the server. */
const MOST_AT_ONCE = 500;

export function claimCall({ runId, owner, now, until }: Claim): ScriptCall {
  const leaseEnd = wholeNumber('The end of the lease', until);
  const told = { run: escaped(runId), owner: escaped(owner), now: wholeNumber('now', now), leaseEnd };
  return { script: CLAIM, told };
}

export function toClaimedRun(runId: string, reply: unknown): ClaimedRun | undefined {
  if (reply === null) return undefined;
  const [row, inbox] = reply as readonly [RunRow, readonly string[]];
  const run = toRunRecord(runId, row);
  return run && { run, inbox: toMessages(runId, inbox) };
}

export function leaseRows(leases: readonly (HeldLease | Release)[]): readonly object[] {
  return leases.map((lease) => ({
    run: escaped(lease.runId),
    owner: escaped(lease.owner),
    fence: wholeNumber('The fence', lease.fence),
    wakeAt: 'wakeAt' in lease && lease.wakeAt !== undefined ? wholeNumber('wakeAt', lease.wakeAt) : undefined,
  }));
}

/** @returns the places, from 0, of the items that the scripts name by their place among those that they got. */
export async function inParts(
  items: readonly object[],
  run: (part: readonly object[]) => Promise<unknown>,
): Promise<readonly number[]> {
  const named: number[] = [];
  for (let from = 0; from < items.length; from += MOST_AT_ONCE) {
    const places = (await run(items.slice(from, from + MOST_AT_ONCE))) as readonly number[];
    named.push(...places.map((place) => from + place - 1));
  }
  return named;
}

export function dueCall(now: number, limit: number, ahead: number): ScriptCall {
  const told = {
    now: wholeNumber('now', now),
    ahead: wholeNumber('ahead', Math.max(now, ahead)),
    limit: Math.min(limit, Number.MAX_SAFE_INTEGER),
  };
  return { script: FIND_DUE, told };
}

export function toDueRuns(reply: unknown, limit: number): readonly DueRun[] {
  const [alarms, leases, suspects] = reply as readonly (readonly string[])[];
  const running = new Set(suspects);
  const due = [...entriesOf(alarms ?? []), ...entriesOf(leases ?? [])].map(([run, at]) => ({
    runId: unescaped(run),
    at: Number(at),
    suspect: running.has(run),
  }));
  return due.sort((one, other) => one.at - other.at).slice(0, limit);
}
