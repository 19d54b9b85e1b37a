import type { Random } from './random.js';
import type { SimulatedProcess } from './simulated-process.js';
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
    for (let place = 0; place < climate.processes; place++) {
      this.world.spawn();
      this.haunt(climate.crashes, place, (process) => this.crash(process, place));
      this.haunt(climate.stops, place, (process) => this.stop(process, place));
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
    for (const [place, process] of world.processes.entries()) {
      process.isDisconnected = false;
      process.clock.skewMs = 0;
      process.thaw();
      if (process.traits.lacks !== undefined && process.state === 'up')
        void world.stop(process).then(() => world.spawn(place));
    }
  }

  private haunt(rate: number, place: number, harm: (process: SimulatedProcess) => Promise<void>): void {
    if (rate > 0) void this.repeat(rate, place, harm);
  }

  private async repeat(rate: number, place: number, harm: (process: SimulatedProcess) => Promise<void>): Promise<void> {
    const { world } = this;
    for (;;) {
      await world.sleep((this.random.value() * 15_000) / rate);
      if (world.weather.isKind) return;
      const process = world.processes[place]!;
      if (process.state === 'up') await harm(process);
    }
  }

  private async crash(process: SimulatedProcess, place: number): Promise<void> {
    this.world.trace.note(`${process.owner} crashes`);
    process.crash();
    await this.succeed(place);
  }

  private async stop(process: SimulatedProcess, place: number): Promise<void> {
    this.world.trace.note(`${process.owner} stops`);
    await this.world.stop(process);
    await this.succeed(place);
  }

  private async succeed(place: number): Promise<void> {
    await this.world.sleep(this.random.value() * (this.random.chance(0.5) ? 100 : 10_000));
    this.world.spawn(place);
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
