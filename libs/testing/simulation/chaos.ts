import type { Random } from './random.js';
import type { ProcessState, SimulatedProcess } from './simulated-process.js';
import type { World } from './world.js';

/** What happens to processes until the world becomes kind. */
export class Chaos {
  private readonly random: Random;

  constructor(private readonly world: World) {
    this.random = world.random.fork('chaos');
  }

  /** Begins to do harm to the processes that run. */
  begin(): void {
    const { climate } = this.world.weather;
    const processes = Math.max(climate.processes, climate.cluster > 0 ? 2 : 1);
    for (let place = 0; place < processes; place++) {
      this.world.spawn();
      this.haunt(climate.crashes, place, (process) => this.crash(process), ['up', 'frozen', 'stopping']);
      this.haunt(climate.stops, place, (process) => this.stop(process));
      this.haunt(climate.freezes, place, (process) => this.freeze(process));
      this.haunt(climate.disconnections, place, (process) => this.disconnect(process));
      this.haunt(climate.clockJumps, place, (process) => this.jump(process));
    }
  }

  /** Ends all harm: what is dead lives again, what stands still goes on, and clocks are right. */
  end(): void {
    const { world } = this;
    world.weather.isKind = true;
    world.trace.note('the world becomes kind');
    for (const process of world.processes) {
      process.isDisconnected = false;
      process.clock.skewMs = 0;
      process.thaw();
      if (process.traits.lacks !== undefined && process.state === 'up')
        void world.stop(process).then(() => world.succeed(process));
    }
  }

  private haunt(
    rate: number,
    place: number,
    harm: (process: SimulatedProcess) => Promise<void>,
    states: readonly ProcessState[] = ['up'],
  ): void {
    const { world } = this;
    const repeat = async (): Promise<void> => {
      for (;;) {
        await world.sleep((this.random.value() * 15_000) / rate);
        if (world.weather.isKind) return;
        const process = world.processes[place]!;
        if (states.includes(process.state)) await harm(process);
      }
    };
    if (rate > 0) void repeat();
  }

  private async crash(process: SimulatedProcess): Promise<void> {
    this.world.trace.note(`${process.owner} crashes`);
    process.crash();
    await this.world.succeed(process);
  }

  private async stop(process: SimulatedProcess): Promise<void> {
    this.world.trace.note(`${process.owner} stops`);
    if (await this.world.stop(process)) await this.world.succeed(process);
  }

  private async freeze(process: SimulatedProcess): Promise<void> {
    this.world.trace.note(`${process.owner} freezes`);
    process.freeze();
    await this.world.sleep(this.random.value() * 2.5 * this.world.weather.climate.leaseMs);
    this.world.trace.note(`${process.owner} thaws`);
    process.thaw();
  }

  private async disconnect(process: SimulatedProcess): Promise<void> {
    this.world.trace.note(`${process.owner} is cut off`);
    process.isDisconnected = true;
    await this.world.sleep(this.random.value() * 20_000);
    process.isDisconnected = false;
  }

  private async jump(process: SimulatedProcess): Promise<void> {
    process.clock.skewMs = (this.random.value() * 2 - 1) * Math.max(1_000, this.world.weather.climate.maxSkewMs);
    this.world.trace.note(`the clock of ${process.owner} jumps`);
  }
}
