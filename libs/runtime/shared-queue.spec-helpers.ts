import { setImmediate as turn } from 'node:timers/promises';
import { type StepTask, WorkflowQueue } from '../core/index.js';

type Handler<Message> = (message: Message) => Promise<void>;

/** A queue between processes in one test: each takes its turn, and messages to the dead are lost or go to others. */
export class SharedQueue {
  readonly dispatched: StepTask[] = [];
  /** How long each of them was expected to run. */
  readonly expectedMs: (number | undefined)[] = [];
  /** How often each step call is delivered. */
  copies = 1;
  private readonly ends: QueueEnd[] = [];
  private turns = 0;

  /** The end that one process holds. */
  end(): QueueEnd {
    const end = new QueueEnd(this);
    this.ends.push(end);
    return end;
  }

  async wake(runId: string, owner: string | undefined): Promise<void> {
    await turn();
    const takers = this.ends.filter((end) => end.isOpen && end.onWake);
    const taker = takers.find((end) => end.owner === owner) ?? this.next(takers);
    await taker?.onWake?.(runId);
  }

  async dispatch(task: StepTask, queue: string, expectedMs: number | undefined): Promise<void> {
    this.dispatched.push(task);
    this.expectedMs.push(expectedMs);
    // A message that has left the process has no large arguments in it.
    const { payload: _, ...message } = task;
    for (let copy = 0; copy < this.copies; copy++) {
      await turn();
      const taker = this.next(this.ends.filter((end) => end.isOpen && end.onStep.has(queue)));
      taker?.run(message, queue);
    }
  }

  private next(takers: readonly QueueEnd[]): QueueEnd | undefined {
    return takers[this.turns++ % takers.length];
  }
}

export class QueueEnd extends WorkflowQueue {
  /** False once its process is dead, or takes no more. */
  isOpen = true;
  owner: string | undefined;
  onWake: Handler<string> | undefined;
  readonly onStep = new Map<string, Handler<StepTask>>();
  private readonly running = new Set<Promise<void>>();

  constructor(private readonly shared: SharedQueue) {
    super();
  }

  run(task: StepTask, queue: string): void {
    const handled = this.onStep.get(queue)!(task)
      .catch(() => {})
      .finally(() => this.running.delete(handled));
    this.running.add(handled);
  }

  override async wake(runId: string, owner?: string): Promise<void> {
    void this.shared.wake(runId, owner);
  }

  override async dispatch(task: StepTask, queue = 'default', expectedMs?: number): Promise<void> {
    void this.shared.dispatch(task, queue, expectedMs);
  }

  override async consumeWakes(owner: string, handle: Handler<string>): Promise<void> {
    this.owner = owner;
    this.onWake = handle;
  }

  override async consumeSteps({ queue = 'default' }: { queue?: string }, handle: Handler<StepTask>): Promise<void> {
    this.onStep.set(queue, handle);
  }

  override async drain(): Promise<void> {
    this.isOpen = false;
    await Promise.all(this.running);
  }

  override async close(): Promise<void> {
    await this.drain();
  }
}
