import { MemoryStore } from '../../memory/index.js';
import type { WorkflowStore } from '../../core/index.js';
import { VirtualClock } from '../virtual-clock.js';
import { EventLoop } from './event-loop.js';
import { generateProgram } from './generate-program.js';
import { Ledger } from './ledger.js';
import type { Program } from './program.js';
import { Random } from './random.js';
import type { SimulationSettings } from './settings.js';
import { SimulatedProcess } from './simulated-process.js';
import { codec } from './codec.js';
import { Trace } from './trace.js';
import { generateClimate, Weather } from './weather.js';

const BEGINNING = 1_750_000_000_000;

export interface SimulatedWorkflow {
  readonly name: string;
  readonly program: Program;
  readonly maxDurationMs?: number;
}

/** Everything that a seed determines: the workflows, the processes, what they share, and the weather. */
export class World {
  readonly timeline = new VirtualClock(BEGINNING);
  readonly loop = new EventLoop();
  readonly random: Random;
  readonly trace: Trace;
  readonly weather: Weather;
  readonly store: WorkflowStore;
  readonly ledger: Ledger;
  readonly workflows: readonly SimulatedWorkflow[];
  readonly processes: SimulatedProcess[] = [];
  private readonly luck: Random;
  private seeds = 0;
  private uniques = 0;
  private births = 0;

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

  /** Begins a process: as the successor of the one in that place, or as a new one. */
  spawn(place = this.processes.length): SimulatedProcess {
    const { maxSkewMs } = this.weather.climate;
    const skewMs = this.weather.isKind ? 0 : (this.luck.value() * 2 - 1) * maxSkewMs;
    const process = new SimulatedProcess(this, `p${place}.${++this.births}`, skewMs);
    this.processes[place] = process;
    this.trace.note(`${process.owner} starts`);
    void process.engine.start().catch((error: unknown) => {
      this.trace.note(`${process.owner} could not start: ${String(error)}`);
      process.crash();
      void this.sleep(1_000).then(() => this.processes[place] === process && this.spawn(place));
    });
    return process;
  }

  /** Asks a process to stop, and waits for it. */
  async stop(process: SimulatedProcess): Promise<void> {
    const stopped = process.stop().then(
      () => 'stopped',
      (error: unknown) => `fails to stop: ${String(error)}`,
    );
    const end = await Promise.race([stopped, this.sleep(5 * 60_000).then(() => 'does not stop')]);
    if (end !== 'stopped') this.trace.violate(`${process.owner} ${end}`);
    process.crash();
    this.trace.note(`${process.owner} has stopped`);
  }

  /** Who gets a message: the process it is for, or any. */
  receiverOf(owner: string | undefined): SimulatedProcess | undefined {
    const alive = this.processes.filter(({ state }) => state !== 'gone');
    return alive.find((process) => process.owner === owner) ?? this.anyone(alive);
  }

  anyone(
    among: readonly SimulatedProcess[] = this.processes.filter(({ state }) => state === 'up'),
  ): SimulatedProcess | undefined {
    return among.length === 0 ? undefined : this.luck.pick(among);
  }

  /** Lets time pass for somebody outside of the processes. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.timeline.schedule(this.timeline.now() + ms, () => {
        this.loop.stir();
        resolve();
      });
    });
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
    ...(random.chance(0.1) ? { maxDurationMs: random.whole(1_000, 60_000) } : undefined),
  }));
}
