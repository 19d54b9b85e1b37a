import type { Role } from '../../runtime/index.js';
import { SimulatedProcess } from './simulated-process.js';
import { stepsOf } from './steps.js';
import { type Receiver, Surroundings } from './surroundings.js';

export type { SimulatedWorkflow } from './surroundings.js';

/** Everything that a seed determines: the processes, and what is around them. */
export class World extends Surroundings {
  readonly processes: SimulatedProcess[] = [];
  private births = 0;

  override get receivers(): readonly Receiver[] {
    return this.processes;
  }

  /** Begins a process: as the successor of the one in that place, or as a new one. */
  spawn(place = this.processes.length): SimulatedProcess {
    const { maxSkewMs } = this.weather.climate;
    const skewMs = this.weather.isKind ? 0 : (this.luck.value() * 2 - 1) * maxSkewMs;
    const { climate } = this.weather;
    const lacks = this.weather.happens(climate.oldCode) ? this.luck.pick(this.names) : undefined;
    const role = this.roleOf(place);
    const process = new SimulatedProcess(this, `p${place}.${++this.births}`, { skewMs, lacks, role });
    this.processes[place] = process;
    this.trace.note(`${process.owner} starts as ${role}${lacks ? ` without ${lacks}` : ''}`);
    void process.engine.start().catch((error: unknown) => {
      this.trace.note(`${process.owner} could not start: ${String(error)}`);
      process.crash();
      void this.sleep(1_000).then(() => this.processes[place] === process && this.spawn(place));
    });
    return process;
  }

  /** Somebody has to run what is started: the first places are never clients. */
  private roleOf(place: number): Role {
    const { cluster, clients } = this.weather.climate;
    const kinds = cluster > 0 ? (['orchestrator', 'step-worker'] as const) : (['all'] as const);
    if (place < kinds.length) return kinds[place]!;
    return this.luck.chance(clients) ? 'client' : this.luck.pick(kinds);
  }

  /** Asks a process to stop, and waits for it. @returns false if it has been killed meanwhile */
  async stop(process: SimulatedProcess): Promise<boolean> {
    let end = 'does not stop';
    void process.stop().then(
      () => (end = 'has stopped'),
      (error: unknown) => (end = `fails to stop: ${String(error)}`),
    );
    const deadline = this.timeline.now() + 5 * 60_000;
    while (end === 'does not stop' && !process.isGone && this.timeline.now() < deadline) await this.sleep(50);
    if (process.isGone && end === 'does not stop') return false;
    if (end !== 'has stopped') this.trace.violate(`${process.owner} ${end}`);
    process.crash();
    this.trace.note(`${process.owner} ${end}`);
    return true;
  }

  override onDeath(owner: string): void {
    const dead = this.processes.find((process) => process.owner === owner);
    if (dead) void this.succeed(dead);
  }

  /** Begins the successor of a process after a while. */
  async succeed(process: SimulatedProcess): Promise<void> {
    const place = this.processes.indexOf(process);
    await this.sleep(this.luck.value() * (this.luck.chance(0.5) ? 100 : 10_000));
    if (this.processes[place] === process) this.spawn(place);
  }

  /** Who gets a message: the process it is for, or any. */
  override receiverOf(owner: string | undefined): SimulatedProcess | undefined {
    const alive = this.processes.filter(({ state, queue }) => state !== 'gone' && queue.isConsumed);
    return alive.find((process) => process.owner === owner) ?? this.anyone(alive);
  }

  /** Who gets a step call that any process may run. */
  override stepReceiver(): SimulatedProcess | undefined {
    return this.anyone(this.processes.filter(({ state, queue }) => state !== 'gone' && queue.takesSteps));
  }

  anyone(
    among: readonly SimulatedProcess[] = this.processes.filter(({ state }) => state === 'up'),
  ): SimulatedProcess | undefined {
    return among.length === 0 ? undefined : this.luck.pick(among);
  }

  /** The workflows and steps that there are. */
  private get names(): readonly string[] {
    return this.workflows.flatMap(({ name, program }) => [name, ...stepsOf(program).map((step) => step.name)]);
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
}
