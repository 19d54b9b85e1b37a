import { isEnded } from '../../core/index.js';
import { compactionFault } from './check-compaction.js';
import type { World } from './world.js';

/** @returns what is left in the store after all runs have ended */
export async function leftovers(world: World): Promise<string[]> {
  const { store, ledger } = world;
  const faults = (await store.due(Number.MAX_SAFE_INTEGER, 1_000)).map(({ runId }) => `${runId} has an alarm`);
  for (const { runId, events } of ledger.runs.values()) {
    const run = (await store.runs.get(runId))!;
    if (!isEnded(run.status)) faults.push(`${runId} is ${run.status}`);
    if (run.owner !== undefined || run.leaseUntil !== undefined || run.wakeAt !== undefined)
      faults.push(`${runId} has a lease`);
    if (`workflow.${run.status}` !== events.at(-1)?.type)
      faults.push(`${runId} is ${run.status} behind ${events.at(-1)?.type}`);
    if (run.sequence !== events.length)
      faults.push(`${runId} has ${events.length} events, and its row says ${run.sequence}`);
    const fault = compactionFault(await ledger.stored(runId), events);
    if (fault) faults.push(`${runId} has another history: ${fault}`);
    if ((await store.inbox(runId)).length > 0) faults.push(`${runId} has an inbox`);
    if ((await store.heartbeats(runId)).length > 0) faults.push(`${runId} has heartbeats`);
    for (const { id, status } of await store.hooks.list(runId))
      if (status === 'open') faults.push(`${runId} has the open hook ${id}`);
  }
  return faults.map((fault) => `at the end, ${fault}`);
}

/** @returns what is left in processes after all runs have ended, and what they do after they have stopped */
export async function stopAll(world: World): Promise<string[]> {
  const faults: string[] = [];
  for (const process of world.processes.filter(({ state }) => state === 'up')) {
    const { sessions } = process.engine.activator;
    if (sessions.size > 0)
      faults.push(`${process.owner} holds ${[...sessions.keys()].join()} though all runs have ended`);
    await world.stop(process);
    if (process.clock.timers > 0)
      faults.push(`${process.owner} has stopped and has set ${process.clock.timers} timers`);
  }
  return faults;
}
