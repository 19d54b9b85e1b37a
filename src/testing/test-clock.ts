import { type Duration, durationToMs, InvalidInputError, type WorkflowStore } from '../../libs/core/index.js';
import type { WorkflowEngine } from '../../libs/runtime/index.js';
import { VirtualClock } from '../../libs/testing/index.js';
import { Activity } from './activity.js';

/** Later alarms are the engine's own, which mean nothing in a test. */
export const HORIZON_YEARS = 400;
const HORIZON_MS = HORIZON_YEARS * 365 * 86_400_000;
/** How many turns of the event loop without any activity mean that nothing is going on. */
const QUIET_TURNS = 4;
/** How long, in real time, something that is going on may do nothing before it counts as hanging. */
const PATIENCE_MS = 250;
/** The same for what is being read and written: a busy server is slow, and does answer. */
const STORE_PATIENCE_MS = 10_000;

const STORE_METHODS = [
  'commit',
  'append',
  'deliverHook',
  'inbox',
  'claim',
  'release',
  'renew',
  'due',
  'expireLeases',
  'heartbeat',
  'heartbeats',
  'announce',
  'processes',
] as const satisfies readonly (keyof WorkflowStore)[];

// Taken at load time: a test that fakes the timers must not stop the clock.
const { setImmediate: immediate, setTimeout: startTimer, performance } = globalThis;
const elapsed = performance.now.bind(performance);

/**
 * A clock that stands still, until a test advances it or waits for a result.
 *
 * C1. Time moves only when nothing is going on: no workflow has anything to do, no step runs.
 * C2. One at a time moves it, so that what one move causes is done before the next.
 */
export class TestClock extends VirtualClock {
  /** Steps that run. */
  readonly activity = new Activity();
  /** What is being read and written. */
  private readonly reading = new Activity();
  private engine: WorkflowEngine | undefined;
  private moving: Promise<unknown> = Promise.resolve();

  /** The time as a Date. */
  get date(): Date {
    return new Date(this.now());
  }

  /** @internal */
  watch(engine: WorkflowEngine): void {
    this.engine = engine;
    const { store } = engine.ports;
    this.reading.watch(store, STORE_METHODS);
    this.reading.watch(store.runs, ['get', 'list']);
    this.reading.watch(store.events, ['load']);
    this.reading.watch(store.hooks, ['findByToken', 'list']);
  }

  /** Moves time on by a duration; what falls due on the way happens at its time. */
  async advance(duration: Duration): Promise<void> {
    const target = this.now() + durationToMs(duration);
    await this.alone(async () => {
      this.schedule(target, () => {});
      do await this.settle();
      while ((this.nextAt ?? Infinity) <= target && this.runNext());
    });
  }

  /** Moves time on to a moment. */
  async advanceTo(date: Date): Promise<void> {
    const ms = date instanceof Date ? date.getTime() - this.now() : Number.NaN;
    if (!(ms >= 0)) throw new InvalidInputError(`The clock goes forwards only: it is ${this.date.toISOString()}.`);
    await this.advance({ milliseconds: ms });
  }

  /** @internal Whether it is so far away that the clock gets there only when it is told to. */
  isBeyondHorizon(date: Date): boolean {
    return date.getTime() > this.now() + HORIZON_MS;
  }

  /** @internal Moves to the next alarm, unless `isDone` first. @returns false if there is none, or it is after `limit` */
  skip(isDone: () => Promise<boolean>, limit: number): Promise<boolean> {
    return this.alone(async () => {
      await this.settle();
      if (await isDone()) return true;
      const next = this.nextAt;
      if (next === undefined || next > limit || this.isBeyondHorizon(new Date(next))) return false;
      return this.runNext();
    });
  }

  /** @internal How long, in real time, to wait for what is going on. */
  get patienceMs(): number {
    return this.reading.isGoingOn ? STORE_PATIENCE_MS : PATIENCE_MS;
  }

  /** Waits until nothing is going on, or what is going on hangs. */
  async settle(): Promise<void> {
    let mark = this.mark();
    let quietTurns = 0;
    let activeAt = elapsed();
    while (quietTurns < QUIET_TURNS) {
      await new Promise<void>((resolve) => immediate(resolve));
      const now = this.mark();
      if (now !== mark) {
        mark = now;
        activeAt = elapsed();
        quietTurns = 0;
      } else if (!this.isBusy()) {
        quietTurns += 1;
      } else if (elapsed() - activeAt > this.patienceMs) {
        return;
      } else {
        quietTurns = 0;
        await new Promise<void>((resolve) => startTimer(resolve, 1));
      }
    }
  }

  private mark(): string {
    return `${JSON.stringify(this.engine?.ports.counters)} ${this.activity.mark} ${this.reading.mark}`;
  }

  private isBusy(): boolean {
    if (this.activity.isGoingOn || this.reading.isGoingOn) return true;
    const sessions = this.engine?.activator.sessions.values() ?? [];
    return [...sessions].some(({ execution }) => !execution.isParked && !execution.isSettled);
  }

  private async alone<T>(move: () => Promise<T>): Promise<T> {
    const mine = this.moving.then(move);
    this.moving = mine.catch(() => {});
    return mine;
  }
}
