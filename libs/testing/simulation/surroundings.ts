import type { Notice, StepTask, WorkflowStore } from '../../core/index.js';
import type { Role } from '../../runtime/index.js';
import { MemoryStore } from '../../memory/index.js';
import { VirtualClock } from '../virtual-clock.js';
import { codec } from './codec.js';
import { EventLoop } from './event-loop.js';
import { generateProgram } from './generate-program.js';
import { Ledger } from './ledger.js';
import type { ProcessClock } from './process-clock.js';
import type { Program } from './program.js';
import { Random } from './random.js';
import type { SimulationSettings } from './settings.js';
import { Trace } from './trace.js';
import { generateClimate, Weather } from './weather.js';

const BEGINNING = 1_750_000_000_000;

export interface SimulatedWorkflow {
  readonly name: string;
  readonly program: Program;
  readonly maxDurationMs?: number;
}

export type Message =
  | { readonly type: 'wake'; readonly runId: string }
  | { readonly type: 'task'; readonly task: StepTask }
  | { readonly type: 'notice'; readonly notice: Notice };

/** A process, as those who send it messages see it. */
export interface Receiver {
  readonly owner: string;
  receive(message: Message): void;
}

export interface ProcessTraits {
  readonly skewMs: number;
  readonly role: Role;
  /** The workflow or step that its code does not have. */
  readonly lacks: string | undefined;
}

/** A process, as what runs inside of it sees it. */
export interface HostProcess {
  readonly owner: string;
  readonly traits: ProcessTraits;
  readonly clock: ProcessClock;
  readonly isGone: boolean;
  readonly isDisconnected: boolean;
  readonly world: Surroundings;
  enter(callback: () => void): void;
  delay(ms: number): Promise<void>;
  later(delayMs: number, callback: () => void): () => void;
  /** Is killed by what runs in it. */
  die(): void;
}

/** What a seed determines and all processes share: time, weather, the store, the workflows, and the books. */
export abstract class Surroundings {
  readonly timeline = new VirtualClock(BEGINNING);
  readonly loop = new EventLoop();
  readonly random: Random;
  readonly trace: Trace;
  readonly weather: Weather;
  readonly store: WorkflowStore;
  readonly ledger: Ledger;
  readonly workflows: readonly SimulatedWorkflow[];
  protected readonly luck: Random;
  private seeds = 0;
  private uniques = 0;

  constructor(
    readonly seed: number,
    readonly settings: SimulationSettings,
  ) {
    this.random = new Random(String(seed));
    this.luck = this.random.fork('luck');
    this.trace = new Trace(() => this.timeline.now() - BEGINNING);
    const climate = { ...generateClimate(this.random.fork('climate'), settings.without), ...settings.climate };
    this.weather = new Weather(climate, this.random.fork('weather'));
    const store = new MemoryStore({ exclusive: false });
    this.store = settings.guard?.(store) ?? store;
    this.ledger = new Ledger(this.trace, store, (payload) => codec.decode(payload));
    this.workflows = generateWorkflows(this.random.fork('programs'));
  }

  /** Everybody who listens. */
  abstract get receivers(): readonly Receiver[];

  /** Who gets a message: the process it is for, or any. */
  abstract receiverOf(owner: string | undefined): Receiver | undefined;

  /** Who gets a step call that any process may run. */
  abstract stepReceiver(): Receiver | undefined;

  /** A process is dead. */
  abstract onDeath(owner: string): void;

  /** Nobody's clock is wrong in this world. */
  get hasRightClocks(): boolean {
    const { clockJumps, maxSkewMs } = this.weather.climate;
    return clockJumps === 0 && maxSkewMs === 0;
  }

  newSeed(): string {
    return `seed-${this.seed}-${++this.seeds}`;
  }

  unique(): number {
    return ++this.uniques;
  }

  ordinaryMs(): number {
    return this.luck.value() * 500;
  }
}

function generateWorkflows(random: Random): readonly SimulatedWorkflow[] {
  return Array.from({ length: random.whole(1, 2) }, (_, index) => ({
    name: `workflow${index}`,
    program: generateProgram(random),
    ...(random.chance(0.2) ? { maxDurationMs: random.whole(1_000, 60_000) } : undefined),
  }));
}
