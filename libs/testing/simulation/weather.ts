import type { Random } from './random.js';

/** What may go wrong, and how badly, in one simulation. A class of faults that is 0 does not happen. */
export interface Climate {
  readonly processes: number;
  /** The longest that a store takes, on the way there and on the way back. */
  readonly storeLatencyMs: number;
  /** How often an operation takes seconds. */
  readonly storeSpikes: number;
  readonly storeFailures: number;
  /** How often an operation is written, and its caller gets an error. */
  readonly lostAcknowledgements: number;
  /** How often an operation is written after its caller got an error. */
  readonly lateWrites: number;
  readonly queueLatencyMs: number;
  readonly lostWakes: number;
  readonly lostTasks: number;
  readonly repeats: number;
  readonly strays: number;
  readonly lostNotices: number;
  /** How often something happens to a process. */
  readonly crashes: number;
  readonly freezes: number;
  readonly stops: number;
  readonly disconnections: number;
  readonly clockJumps: number;
  /** Whether the steps that kill their process do so. */
  readonly poison: number;
  /** How often a process begins with a workflow or a step that it does not know, as in a rolling deploy. */
  readonly oldCode: number;
  /** Whether runs are held by orchestrators, and their steps run by step workers. */
  readonly cluster: number;
  /** How often a process only starts runs, for others to run. */
  readonly clients: number;
  /** How often a run is cancelled. */
  readonly cancellations: number;
  /** One process has the store, and finds it as its predecessor has left it. */
  readonly exclusive: number;
  readonly maxSkewMs: number;
  readonly leaseMs: number;
  readonly recoveryIntervalMs: number;
  readonly stepConcurrency: number;
  readonly maxSessions: number;
  readonly sessionIdleMs: number;
  /** How many superseded events a run gathers before they are compacted. */
  readonly compactAfter: number;
  /** When the world becomes kind. */
  readonly kindAfterMs: number;
}

/** What a simulation can do without. */
export const FAULTS = [
  'storeSpikes',
  'storeFailures',
  'lostAcknowledgements',
  'lateWrites',
  'lostWakes',
  'lostTasks',
  'repeats',
  'strays',
  'lostNotices',
  'crashes',
  'freezes',
  'stops',
  'disconnections',
  'clockJumps',
  'poison',
  'oldCode',
  'cluster',
  'clients',
  'cancellations',
  'maxSkewMs',
] as const satisfies readonly (keyof Climate)[];

export type Fault = (typeof FAULTS)[number];

/** A climate by chance: most have a few classes of faults, some have all of them, some none. */
export function generateClimate(random: Random, without: readonly Fault[] = []): Climate {
  const harshness = random.pick([0, 0.3, 0.5, 0.8]);
  const maybe = (most: number): number => (random.chance(harshness) ? random.value() * most : 0);
  const exclusive = random.chance(0.15);
  const climate: Climate = {
    processes: exclusive ? 1 : random.whole(1, 4),
    storeLatencyMs: random.pick([1, 5, 30, 200]),
    storeSpikes: maybe(0.02),
    storeFailures: maybe(0.15),
    lostAcknowledgements: maybe(0.15),
    lateWrites: maybe(0.1),
    queueLatencyMs: random.pick([0, 10, 200, 2_000]),
    lostWakes: maybe(0.5),
    lostTasks: maybe(0.2),
    repeats: maybe(0.4),
    strays: maybe(0.1),
    lostNotices: maybe(0.5),
    crashes: maybe(1),
    freezes: maybe(1),
    stops: maybe(1),
    disconnections: maybe(1),
    clockJumps: maybe(1),
    oldCode: maybe(0.3),
    exclusive: Number(exclusive),
    clients: random.chance(0.2) ? 0.4 : 0,
    cancellations: random.pick([0.1, 0.1, 0.7]),
    maxSkewMs: random.chance(harshness) ? random.pick([100, 2_000, 10_000]) : 0,
    leaseMs: random.pick([2_000, 6_000, 15_000]),
    // Where nothing goes wrong, nothing may have to wait for a sweep.
    recoveryIntervalMs: harshness === 0 ? 24 * 3_600_000 : random.pick([3_000, 15_000]),
    stepConcurrency: random.pick([1, 3, 100]),
    maxSessions: random.pick([0, 1, 10_000]),
    sessionIdleMs: random.pick([0, 300, 5_000]),
    kindAfterMs: random.whole(5_000, 40_000),
    cluster: Number(!exclusive && random.chance(0.4)),
    // It takes a sweep to find what a dead process has left.
    poison: Number(harshness > 0),
    compactAfter: random.pick([1, 2, 5, Infinity]),
  };
  return { ...climate, ...Object.fromEntries(without.map((fault) => [fault, 0])) };
}

/** The luck of single operations; from some moment on there is only good luck. */
export class Weather {
  isKind = false;

  constructor(
    readonly climate: Climate,
    private readonly random: Random,
  ) {}

  /** Whether a fault of that probability happens now. Kind weather draws too, so that it changes nothing for others. */
  happens(probability: number): boolean {
    return this.random.chance(probability) && !this.isKind;
  }

  storeLatencyMs(): number {
    const { storeLatencyMs, storeSpikes } = this.climate;
    if (this.happens(storeSpikes)) return this.random.whole(1_000, 25_000);
    return this.random.value() * Math.min(storeLatencyMs, this.isKind ? 5 : Infinity);
  }

  queueLatencyMs(): number {
    const { queueLatencyMs } = this.climate;
    return this.random.value() * Math.min(queueLatencyMs, this.isKind ? 50 : Infinity);
  }
}
