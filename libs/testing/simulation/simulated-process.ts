import {
  Counters,
  DEFAULT_ENGINE_OPTIONS,
  type EngineLogger,
  type EngineOptions,
  WorkflowEngine,
} from '../../runtime/index.js';
import { codec } from './codec.js';
import { ProcessClock } from './process-clock.js';
import { registryOf } from './registry.js';
import { LocalQueue } from './local-queue.js';
import { SimulatedNotifier, SimulatedQueue } from './simulated-queue.js';
import { SimulatedStore } from './simulated-store.js';
import type { HostProcess, Message, ProcessTraits, Receiver, Surroundings } from './surroundings.js';

export type ProcessState = 'up' | 'frozen' | 'stopping' | 'gone';

/** One operating system process with an engine in it. What is outside reaches it through `enter` only. */
export class SimulatedProcess implements HostProcess, Receiver {
  state: ProcessState = 'up';
  /** Nothing that it asks of the store gets through. */
  isDisconnected = false;
  readonly clock: ProcessClock;
  readonly queue: SimulatedQueue;
  readonly notifier: SimulatedNotifier;
  readonly engine: WorkflowEngine;
  /** What came in while it stood still. */
  private backlog: (() => void)[] = [];

  constructor(
    readonly world: Surroundings,
    readonly owner: string,
    readonly traits: ProcessTraits,
  ) {
    this.clock = new ProcessClock(
      () => world.timeline.now(),
      (delayMs, callback) => this.later(delayMs, callback),
      traits.skewMs,
    );
    this.queue = new SimulatedQueue(this);
    this.notifier = new SimulatedNotifier(this);
    this.engine = new WorkflowEngine({
      store: new SimulatedStore(this),
      queue: this.queue,
      localQueue: traits.role === 'all' ? this.queue : new LocalQueue(this),
      notifier: this.notifier,
      clock: this.clock,
      codec,
      registry: registryOf(this),
      logger: this.logger(),
      options: this.options(),
      counters: new Counters(),
      newSeed: () => world.newSeed(),
    });
  }

  get isGone(): boolean {
    return this.state === 'gone';
  }

  /** Calls back in this process after some time: never if it is gone by then, later if it stands still. */
  later(delayMs: number, callback: () => void): () => void {
    const { timeline } = this.world;
    this.world.loop.stir();
    let isCancelled = false;
    const cancel = timeline.schedule(timeline.now() + delayMs, () => this.enter(() => isCancelled || callback()));
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  /** Something from outside arrives. */
  enter(callback: () => void): void {
    if (this.isGone) return;
    if (this.state === 'frozen') {
      this.backlog.push(callback);
      return;
    }
    this.world.loop.stir();
    callback();
  }

  /** A message arrives. */
  receive(message: Message): void {
    this.enter(() => (message.type === 'notice' ? this.notifier.tell(message.notice) : this.queue.take(message)));
  }

  /** The promise of something that is over after some time. */
  delay(ms: number): Promise<void> {
    return new Promise((resolve) => void this.later(ms, resolve));
  }

  /** SIGSTOP. */
  freeze(): void {
    if (this.state === 'up') this.state = 'frozen';
  }

  /** SIGCONT: all that came in arrives at once. */
  thaw(): void {
    if (this.state !== 'frozen') return;
    this.state = 'up';
    const backlog = this.backlog;
    this.backlog = [];
    for (const callback of backlog) setImmediate(() => this.enter(callback));
    this.world.loop.stir();
  }

  /** SIGKILL: from here on it hears nothing, and nothing is heard of it. */
  crash(): void {
    this.state = 'gone';
    this.backlog = [];
  }

  die(): void {
    this.world.trace.note(`${this.owner} is killed by what it runs`);
    this.crash();
    this.world.onDeath(this.owner);
  }

  /** SIGTERM. */
  async stop(): Promise<void> {
    this.state = 'stopping';
    await this.engine.stop();
  }

  private options(): EngineOptions {
    const { climate } = this.world.weather;
    return {
      ...DEFAULT_ENGINE_OPTIONS,
      role: this.traits.role,
      owner: this.owner,
      leaseMs: climate.leaseMs,
      recoveryIntervalMs: climate.recoveryIntervalMs,
      sessionIdleMs: climate.sessionIdleMs,
      maxSessions: climate.maxSessions,
      stepConcurrency: climate.stepConcurrency,
      compactAfter: climate.compactAfter,
      shutdownGraceMs: 3_000,
      ...this.world.settings.options,
    };
  }

  private logger(): EngineLogger {
    const write = (level: string) => (message: string) => {
      if (!this.isGone) this.world.trace.note(`${this.owner} ${level} ${message}`);
    };
    return { debug: () => {}, info: write('info'), warn: write('warn'), error: write('error') };
  }
}
