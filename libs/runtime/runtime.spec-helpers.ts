import { macrotaskTurn, type Notifier, retryPolicy, type RetryOptions, type WorkflowStore } from '../core/index.js';
import { InProcessNotifier, InProcessQueue, MemoryStore } from '../memory/index.js';
import { createCodec } from '../serialization/index.js';
import { VirtualClock } from '../testing/index.js';
import {
  callStep,
  Counters,
  DEFAULT_ENGINE_OPTIONS,
  type EngineLogger,
  type EngineOptions,
  Registry,
  type StepDefinition,
  type WorkflowDefinition,
  WorkflowEngine,
} from './index.js';

import { QueueEnd, type SharedQueue } from './shared-queue.spec-helpers.js';

type StepOptions = Partial<Omit<StepDefinition, 'retry'>> & { readonly retry?: RetryOptions };

/** The code that a process brings. */
export class Code {
  readonly registry = new Registry();

  workflow(name: string, invoke: (...args: never[]) => unknown, options: Partial<WorkflowDefinition> = {}): this {
    const body = invoke as (...args: unknown[]) => unknown;
    this.registry.addWorkflow({
      name,
      version: 1,
      tags: [],
      recoverOnWorkerLoss: true,
      invoke: (args) => body(...args),
      ...options,
    });
    return this;
  }

  /** Registers a step; @returns the function that workflows call. */
  step<A extends unknown[], R>(
    name: string,
    body: (...args: A) => R,
    options: StepOptions = {},
  ): (...args: A) => Promise<Awaited<R>> {
    const { retry, ...rest } = options;
    const plain = body as (...args: unknown[]) => unknown;
    this.registry.addStep({
      name,
      local: false,
      onExhausted: 'fail',
      invoke: (args) => plain(...args),
      ...rest,
      retry: retryPolicy(retry),
    });
    return (...args) => callStep(name, args, () => body(...args)) as Promise<Awaited<R>>;
  }
}

/** Processes on one store and one clock. */
export class World {
  /** Set it to have a queue between processes; each has one of its own if it is not. */
  sharedQueue: SharedQueue | undefined;
  readonly clock = new VirtualClock(1_000_000);
  notifier: Notifier = new InProcessNotifier();
  /** Set it to have processes that wake each other by the notifier, instead of each by itself. */
  wakesByNotifier = false;
  readonly logs: string[] = [];
  private processes = 0;

  constructor(readonly store: WorkflowStore = new MemoryStore({ exclusive: false })) {}

  /** Boots a process with this code. */
  async boot(code: Code, options: Partial<EngineOptions> = {}): Promise<TestProcess> {
    await this.store.open();
    const counters = new Counters();
    const localQueue = new InProcessQueue(this.wakesByNotifier ? { notifier: this.notifier } : {});
    const engine = new WorkflowEngine({
      store: this.store,
      queue: this.sharedQueue?.end() ?? localQueue,
      localQueue,
      notifier: this.notifier,
      clock: this.clock,
      codec: createCodec(),
      registry: code.registry,
      logger: this.logger(),
      options: { ...DEFAULT_ENGINE_OPTIONS, owner: `process ${++this.processes}`, ...options },
      counters,
    });
    await engine.start();
    await settle();
    return Object.assign(engine, { counters });
  }

  /** Lets time pass, timer by timer. */
  async advance(ms: number): Promise<void> {
    const until = this.clock.now() + ms;
    await settle();
    while ((this.clock.nextAt ?? Infinity) <= until) {
      this.clock.runNext();
      await settle();
    }
    this.clock.schedule(until, () => {});
    this.clock.runNext();
    await settle();
  }

  async history(runId: string): Promise<string[]> {
    return (await this.store.events.load(runId, 0, 100_000)).map((event) =>
      'id' in event ? `${event.type} ${event.id}` : event.type,
    );
  }

  async status(runId: string): Promise<string | undefined> {
    return (await this.store.runs.get(runId))?.status;
  }

  private logger(): EngineLogger {
    const write = (level: string) => (message: string) => void this.logs.push(`${level}: ${message}`);
    return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  }
}

export type TestProcess = WorkflowEngine & { readonly counters: Counters };

/** Lets everything happen that does not wait for the clock. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await macrotaskTurn();
}

/** A process that has died: nothing it does reaches the store any more. */
export function kill(process: TestProcess): void {
  const never = new Proxy(process.ports.store, { get: () => () => new Promise(() => {}) });
  Object.assign(process.ports, { store: never });
  const { queue } = process.ports;
  if (queue instanceof QueueEnd) queue.isOpen = false;
  process.activator.isStopping = true;
  for (const session of process.activator.sessions.values()) session.execution.kill();
  process.activator.alarms.stop();
  process.activator.sessions.clear();
}

export function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: unknown) => void } {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Starts a run of the workflow `w`. @returns its id */
export async function started(process: TestProcess, runId = 'run'): Promise<string> {
  await process.startRun({ workflow: 'w', args: [], runId });
  await settle();
  return runId;
}
