import { syncBuiltinESMExports } from 'node:module';
import type { GuardedGlobals } from '../options.js';
import { datePatches, randomPatches } from './deterministic.js';
import { apply, type Patch } from './patch.js';
import { reportedPatches } from './reported.js';

const PATCHES: Readonly<Record<keyof GuardedGlobals, () => readonly Patch[]>> = {
  date: datePatches,
  random: randomPatches,
  io: reportedPatches,
};

interface Installed {
  users: number;
  readonly restore: () => void;
}

const installed = new Map<string, Installed>();

/**
 * Puts guarded globals in the place of those of the process; they differ in workflow code alone.
 *
 * @returns a function that ends it: with the last of its users the process has its own globals back
 */
export function installGuards(options: GuardedGlobals): () => void {
  const groups = (Object.keys(PATCHES) as (keyof GuardedGlobals)[]).filter((group) => options[group]);
  for (const group of groups) {
    const present = installed.get(group);
    if (present) present.users += 1;
    else installed.set(group, { users: 1, restore: applyAll(PATCHES[group]()) });
  }
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    for (const group of groups) release(group);
  };
}

function release(group: string): void {
  const present = installed.get(group);
  if (!present || --present.users > 0) return;
  installed.delete(group);
  present.restore();
}

function applyAll(patches: readonly Patch[]): () => void {
  const undo = patches.map(apply);
  syncBuiltinESMExports();
  return () => {
    for (const restore of undo.reverse()) restore();
    syncBuiltinESMExports();
  };
}
