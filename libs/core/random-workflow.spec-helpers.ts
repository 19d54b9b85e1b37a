import {
  cancelRequested,
  completed,
  expired,
  failed,
  fired,
  ordinaryIo,
  received,
  shield,
  timedOut,
} from './core.spec-helpers.js';
import type { Execution } from './execution.js';
import type { EventDraft } from './history-event.js';
import type { RunState } from './run-state.js';

/** What a generated workflow does. */
export type Deed =
  | { readonly type: 'step'; readonly name: string; readonly tag: number }
  | { readonly type: 'hook'; readonly name: string }
  | { readonly type: 'payloads'; readonly name: string; readonly count: number }
  | { readonly type: 'sleep' | 'hops' | 'io'; readonly amount: number }
  | { readonly type: 'effect'; readonly tag: number }
  | { readonly type: 'sequence' | 'all' | 'race' | 'any' | 'allSettled'; readonly deeds: readonly Deed[] }
  | { readonly type: 'attempt' | 'held'; readonly first: Deed; readonly second: Deed }
  | { readonly type: 'shielded'; readonly deed: Deed }
  | { readonly type: 'within'; readonly amount: number; readonly deed: Deed };

type Kind = Deed['type'];

export class Dice {
  constructor(private state: number) {}

  /** 0 inclusive to 1 exclusive (mulberry32). */
  roll(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  upTo(limit: number): number {
    return Math.floor(this.roll() * limit);
  }

  one<T>(choices: readonly T[]): T {
    return choices[this.upTo(choices.length)] as T;
  }
}

const INNER: ReadonlySet<Kind> = new Set([
  'sequence',
  'all',
  'race',
  'any',
  'allSettled',
  'attempt',
  'held',
  'shielded',
  'within',
] as const);

export interface Grammar {
  readonly kinds: readonly Kind[];
  /** How many names the steps share, and the hooks; without it each has its own. */
  readonly stepNames?: number;
  readonly hookNames?: number;
}

/** A workflow of a few deeds, the same for the same dice. */
export function randomDeed(dice: Dice, grammar: Grammar): Deed {
  let tags = 0;
  const leaves = grammar.kinds.filter((kind) => !INNER.has(kind));
  const name = (shared?: number): string => `n${shared === undefined ? ++tags : dice.upTo(shared)}`;
  const several = (depth: number): Deed[] => Array.from({ length: 1 + dice.upTo(3) }, () => deed(depth - 1));

  function deed(depth: number): Deed {
    const type = dice.one(depth === 0 ? leaves : grammar.kinds);
    switch (type) {
      case 'step':
        return { type, name: name(grammar.stepNames), tag: ++tags };
      case 'hook':
        return { type, name: name(grammar.hookNames) };
      case 'payloads':
        return { type, name: name(grammar.hookNames), count: 1 + dice.upTo(2) };
      case 'sleep':
      case 'hops':
      case 'io':
        return { type, amount: 1 + dice.upTo(12) };
      case 'effect':
        return { type, tag: ++tags };
      case 'sequence':
      case 'all':
      case 'race':
      case 'any':
      case 'allSettled':
        return { type, deeds: several(depth) };
      case 'attempt':
      case 'held':
        return { type, first: deed(depth - 1), second: deed(depth - 1) };
      case 'shielded':
        return { type, deed: deed(depth - 1) };
      case 'within':
        return { type, amount: 1 + dice.upTo(12), deed: deed(depth - 1) };
    }
  }
  return { type: 'sequence', deeds: [deed(3), deed(3)] };
}

/**
 * Does it, as a workflow would.
 *
 * @param exact whether it passes on its time and its random numbers, which ordinary I/O may put into another order
 */
export async function perform(run: Execution, deed: Deed, exact: boolean): Promise<unknown> {
  const doing = (each: Deed): Promise<unknown> => perform(run, each, exact);
  switch (deed.type) {
    case 'step':
      return run.step(deed.name, exact ? [deed.tag, run.now, run.random()] : [deed.tag]);
    case 'hook':
      return run.hook(deed.name, { timeoutMs: 20 });
    case 'payloads':
      return takePayloads(run, deed.name, deed.count);
    case 'sleep':
      return run.sleepUntil(run.now + deed.amount);
    case 'effect':
      return run.sideEffect(() => deed.tag);
    case 'hops':
      for (let hops = 0; hops < deed.amount; hops++) await null;
      return 'hopped';
    case 'io':
      return ordinaryIo(deed.amount);
    case 'sequence': {
      const results: unknown[] = [];
      for (const each of deed.deeds) results.push(await doing(each));
      return results;
    }
    case 'all':
    case 'race':
    case 'any':
    case 'allSettled':
      return Promise[deed.type as 'all'](deed.deeds.map(doing));
    case 'attempt':
      return doing(deed.first).catch(() => doing(deed.second));
    case 'held': {
      const held = doing(deed.first).catch((error: Error) => error.name);
      return [await doing(deed.second), await held];
    }
    case 'shielded':
      return shield(run, () => doing(deed.deed));
    case 'within': {
      const timer = run.sleepUntil(run.now + deed.amount);
      const winner = await Promise.race([doing(deed.deed), timer]);
      run.dropTimer(timer);
      return winner;
    }
  }
}

async function takePayloads(run: Execution, name: string, count: number): Promise<unknown[]> {
  const taken: unknown[] = [];
  for await (const payload of run.hook(name, { multiple: true })) {
    if (taken.push(payload) === count) break;
  }
  return taken;
}

/** What the world may answer to what is open, in any order. */
export function randomOutcomes(dice: Dice, state: RunState, interruptions: boolean): EventDraft[] {
  const possible: (() => EventDraft)[] = [];
  for (const { id, payload, attempt } of state.steps.values()) {
    possible.push(() => {
      const fate = dice.roll();
      if (fate < 0.1) return { type: 'step.retrying', id, payload, attributes: { attempt, retryAt: 0 } };
      if (fate < 0.15) return { type: 'step.lost', id, attributes: { attempt } };
      return fate < 0.3 ? failed(id, payload, attempt) : completed(id, `${id} of ${payload}`, attempt);
    });
  }
  for (const [id] of state.timers) possible.push(() => fired(id));
  for (const { id, multiple } of state.hooks.values())
    possible.push(() => (multiple || dice.roll() < 0.7 ? received(id, `to ${id}`) : expired(id)));
  if (interruptions && dice.roll() < 0.1) possible.push(() => dice.one([cancelRequested, timedOut]));
  const outcomes: EventDraft[] = [];
  for (let count = 1 + dice.upTo(3); count > 0 && possible.length > 0; count--) outcomes.push(dice.one(possible)());
  return outcomes;
}
