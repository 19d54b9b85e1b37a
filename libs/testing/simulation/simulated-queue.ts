import { type Notice, Notifier, type StepTask, WorkflowQueue } from '../../core/index.js';
import type { HostProcess, Message, Receiver } from './surroundings.js';

/** Messages that a crash, a full disk or a broken connection is to blame for. */
export class SimulatedFault extends Error {
  override readonly name = 'SimulatedFault';
}

type StepHandler = (task: StepTask) => Promise<void>;

/** The end of a queue that one process holds: messages are late, lost, repeated, and go to the wrong process. */
export class SimulatedQueue extends WorkflowQueue {
  private wakeHandler: ((runId: string) => Promise<void>) | undefined;
  private stepHandler: StepHandler | undefined;
  private concurrency = 0;
  private readonly waiting: StepTask[] = [];
  private readonly running = new Set<Promise<void>>();
  private isDraining = false;

  constructor(private readonly process: HostProcess) {
    super();
  }

  /** Somebody takes wakes from this end. */
  get isConsumed(): boolean {
    return this.wakeHandler !== undefined;
  }

  get takesSteps(): boolean {
    return this.stepHandler !== undefined && !this.isDraining;
  }

  override async wake(runId: string, owner?: string): Promise<void> {
    const { weather, climate } = this.weather();
    const isLost = weather.happens(climate.lostWakes);
    this.send(isLost, `wake ${runId}`, () => this.wakeReceiver(owner), { type: 'wake', runId });
  }

  override async dispatch(task: StepTask): Promise<void> {
    const { weather, climate } = this.weather();
    const isLost = weather.happens(climate.lostTasks);
    const receiver = (): Receiver | undefined =>
      climate.cluster > 0 ? this.process.world.stepReceiver() : this.wakeReceiver(task.owner);
    // What leaves the process takes no arguments along.
    const message = climate.cluster > 0 ? { ...task, payload: undefined } : task;
    this.send(isLost, `dispatch ${task.runId} ${task.id} ${task.attempt}`, receiver, { type: 'task', task: message });
  }

  private wakeReceiver(owner: string | undefined): Receiver | undefined {
    const { weather, climate } = this.weather();
    return this.process.world.receiverOf(weather.happens(climate.strays) ? undefined : owner);
  }

  override async consumeWakes(_owner: string, handle: (runId: string) => Promise<void>): Promise<void> {
    this.wakeHandler = handle;
  }

  override async consumeSteps({ concurrency }: { concurrency: number }, handle: StepHandler): Promise<void> {
    this.stepHandler = handle;
    this.concurrency = concurrency;
  }

  override async drain(): Promise<void> {
    this.isDraining = true;
    this.waiting.length = 0;
    while (this.running.size > 0) await Promise.all(this.running);
  }

  override async close(): Promise<void> {}

  private send(isLost: boolean, what: string, find: () => Receiver | undefined, message: Message): void {
    const { world } = this.process;
    const { weather, climate } = this.weather();
    world.loop.stir();
    if (isLost) return world.trace.note(`${this.process.owner} ${what} is lost`);
    const copies = weather.happens(climate.repeats) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const { timeline } = world;
      timeline.schedule(timeline.now() + weather.queueLatencyMs(), () => {
        const receiver = find();
        world.trace.note(`${receiver?.owner ?? 'nobody'} gets ${what}`);
        receiver?.receive(message);
      });
    }
  }

  /** A message has arrived at this end. */
  take(message: Exclude<Message, { type: 'notice' }>): void {
    if (message.type === 'wake') this.onWake(message.runId);
    else this.onTask(message.task);
  }

  private onWake(runId: string): void {
    if (!this.isDraining) void this.wakeHandler?.(runId);
  }

  private onTask(task: StepTask): void {
    if (this.isDraining || !this.stepHandler) return;
    this.waiting.push(task);
    this.runWaiting();
  }

  private runWaiting(): void {
    while (this.stepHandler && this.running.size < this.concurrency) {
      const task = this.waiting.shift();
      if (!task) return;
      const handled = this.stepHandler(task)
        .catch((error: unknown) =>
          this.process.world.trace.note(`${this.process.owner} drops a task: ${String(error)}`),
        )
        .finally(() => {
          this.running.delete(handled);
          this.runWaiting();
        });
      this.running.add(handled);
    }
  }

  private weather() {
    const { weather } = this.process.world;
    return { weather, climate: weather.climate };
  }
}

/** Tells all processes, sooner or later or never. */
export class SimulatedNotifier extends Notifier {
  private readonly listeners = new Set<(notice: Notice) => void>();

  constructor(private readonly process: HostProcess) {
    super();
  }

  override async open(): Promise<void> {}

  override publish(notice: Notice): void {
    const { world } = this.process;
    world.loop.stir();
    if (notice.type === 'run.ended') world.ledger.onNotice(notice.runId);
    for (const process of world.receivers) {
      if (world.weather.happens(world.weather.climate.lostNotices)) continue;
      const { timeline } = world;
      timeline.schedule(timeline.now() + world.weather.queueLatencyMs(), () =>
        process.receive({ type: 'notice', notice }),
      );
    }
  }

  override subscribe(listener: (notice: Notice) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** What is lost is lost without a word. */
  override onMissed(_listener: () => void): () => void {
    return () => {};
  }

  /** The news has arrived at this end. */
  tell(notice: Notice): void {
    for (const listener of [...this.listeners]) listener(notice);
  }

  override async close(): Promise<void> {}
}
