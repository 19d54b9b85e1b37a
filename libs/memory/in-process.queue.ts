import {
  callKey,
  type Clock,
  type ConsumeStepsOptions,
  type Notifier,
  type StepTask,
  TurnoverMap,
  WorkflowQueue,
} from '../core/index.js';
import { RateWindow } from './rate-window.js';
import { warn } from './warn.js';

// Taken at load time: a test that fakes the timers must not stop the queue.
const immediate = setImmediate;

export interface InProcessQueueOptions {
  /** Carries wakes to and from the other processes that share the store. @default there are none */
  readonly notifier?: Notifier;
  /** Told what a handler threw; nothing is tried again, since the store's alarms do that. @default a warning of the process */
  readonly onError?: (error: unknown) => void;
  /** Tells when a rate limit lets the next step call begin. @default the clock of the machine */
  readonly clock?: Pick<Clock, 'now' | 'schedule'>;
}

type WakeHandler = (runId: string) => Promise<void>;

interface StepQueue {
  /** By attempt, in the order of dispatch: what is handed in again while it waits is one task. */
  readonly waiting: TurnoverMap<string, StepTask>;
  readonly consumers: StepConsumer[];
}

interface StepConsumer {
  readonly concurrency: number;
  readonly rate: RateWindow | undefined;
  readonly handle: (task: StepTask) => Promise<void>;
  active: number;
}

const DEFAULT_QUEUE = 'default';
const DONE = Promise.resolve();

/** What waits for a consumer is a hint that the store can give again, so it must not fill the memory. */
const MOST_WAITING = 10_000;

/** Hands wakes and step calls to consumers in the same process, and wakes of runs that others hold to those. */
export class InProcessQueue extends WorkflowQueue {
  private readonly onError: (error: unknown) => void;
  private readonly wakeHandlers = new Map<string, WakeHandler>();
  /** The owner that is asked for, by run: wakes of one turn are one wake. */
  private readonly wakes = new Map<string, string | undefined>();
  private readonly stepQueues = new Map<string, StepQueue>();
  private running = 0;
  private onIdle: (() => void)[] = [];
  private isFlushing = false;
  private isDraining = false;
  private readonly notifier: Notifier | undefined;
  private unsubscribe: (() => void) | undefined;
  private readonly clock: Pick<Clock, 'now' | 'schedule'> | undefined;

  constructor({ notifier, onError = warn, clock }: InProcessQueueOptions = {}) {
    super();
    this.notifier = notifier;
    this.clock = clock;
    this.onError = onError;
  }

  override async wake(runId: string, owner?: string): Promise<void> {
    if (this.notifier && !this.isFor(owner)) this.notifier.publish({ type: 'run.wake', runId, owner });
    else this.wakeHere(runId, owner);
  }

  private wakeHere(runId: string, owner: string | undefined): void {
    if (this.isDraining || (this.wakes.size >= MOST_WAITING && !this.wakes.has(runId))) return;
    this.wakes.set(runId, owner);
    this.flushSoon();
  }

  override dispatch(task: StepTask, queue = DEFAULT_QUEUE): Promise<void> {
    const { waiting } = this.stepQueue(queue);
    const key = `${task.attempt} ${callKey(task.runId, task.id)}`;
    if (this.isDraining || (waiting.size >= MOST_WAITING && !waiting.has(key))) return DONE;
    waiting.set(key, task);
    this.flushSoon();
    return DONE;
  }

  override async consumeWakes(owner: string, handle: WakeHandler): Promise<void> {
    this.wakeHandlers.set(owner, handle);
    this.unsubscribe ??= this.notifier?.subscribe((notice) => {
      if (notice.type === 'run.wake' && this.isFor(notice.owner)) this.wakeHere(notice.runId, notice.owner);
    });
    this.flushSoon();
  }

  override async consumeSteps(
    { queue = DEFAULT_QUEUE, concurrency, rateLimit }: ConsumeStepsOptions,
    handle: (task: StepTask) => Promise<void>,
  ): Promise<void> {
    const rate = rateLimit && new RateWindow(rateLimit, () => this.flushSoon(), this.clock);
    this.stepQueue(queue).consumers.push({ concurrency, rate, handle, active: 0 });
    this.flushSoon();
  }

  override async drain(): Promise<void> {
    this.isDraining = true;
    this.unsubscribe?.();
    this.wakes.clear();
    for (const { consumers } of this.stepQueues.values()) for (const { rate } of consumers) rate?.close();
    this.stepQueues.clear();
    if (this.running > 0) await new Promise<void>((resolve) => this.onIdle.push(resolve));
  }

  override async close(): Promise<void> {
    await this.drain();
  }

  /** A run that nobody holds is for anyone who takes wakes. */
  private isFor(owner: string | undefined): boolean {
    if (this.isDraining) return false;
    return owner === undefined ? this.wakeHandlers.size > 0 : this.wakeHandlers.has(owner);
  }

  // In a turn of its own: the caller goes on first, and I/O gets its chance between activations.
  private flushSoon(): void {
    if (this.isFlushing) return;
    this.isFlushing = true;
    immediate(() => {
      this.isFlushing = false;
      this.flushWakes();
      for (const queue of this.stepQueues.values()) this.flushSteps(queue);
    });
  }

  private flushWakes(): void {
    if (this.wakeHandlers.size === 0) return;
    const wakes = [...this.wakes];
    this.wakes.clear();
    for (const [runId, owner] of wakes) {
      const handle = this.wakeHandlerOf(owner);
      if (handle) this.run(() => handle(runId));
    }
  }

  /** An owner that is not here may be gone: then anyone may try. */
  private wakeHandlerOf(owner: string | undefined): WakeHandler | undefined {
    const [anyone] = this.wakeHandlers.values();
    return (owner === undefined ? undefined : this.wakeHandlers.get(owner)) ?? anyone;
  }

  private flushSteps(queue: StepQueue): void {
    for (const consumer of queue.consumers) {
      while (!this.isDraining && consumer.active < consumer.concurrency) {
        if (queue.waiting.size === 0) return;
        if (consumer.rate && !consumer.rate.admits()) break;
        const task = queue.waiting.takeFirst();
        if (!task) return;
        this.runStep(queue, consumer, task);
      }
    }
  }

  private runStep(queue: StepQueue, consumer: StepConsumer, task: StepTask): void {
    consumer.active += 1;
    this.run(
      () => consumer.handle(task),
      () => {
        consumer.active -= 1;
        if (queue.waiting.size > 0) this.flushSoon();
      },
    );
  }

  private run(handle: () => Promise<void>, onEnd?: () => void): void {
    this.running += 1;
    const end = (): void => {
      this.running -= 1;
      onEnd?.();
      if (this.running === 0) for (const resolve of this.onIdle.splice(0)) resolve();
    };
    const fail = (error: unknown): void => {
      this.onError(error);
      end();
    };
    try {
      handle().then(end, fail);
    } catch (error) {
      fail(error);
    }
  }

  private stepQueue(name: string): StepQueue {
    const queue = this.stepQueues.get(name) ?? { waiting: new TurnoverMap(), consumers: [] };
    this.stepQueues.set(name, queue);
    return queue;
  }
}
