import type { StepTask, WorkflowQueue } from '../core/index.js';

/** What a test of a queue begins with. */
export interface QueueFixture {
  /** Connects one more process to the same queues. */
  connect(): WorkflowQueue | Promise<WorkflowQueue>;
  /** Whether step calls reach other processes than the one that dispatches them. */
  readonly sharesSteps: boolean;
  /** What the queues have reported so far. */
  readonly errors: readonly unknown[];
  /** Closes what is open and removes what is left. */
  cleanup(): Promise<void>;
}

const PATIENCE_MS = 15_000;

export const task = (id: string, more: Partial<StepTask> = {}): StepTask => ({
  runId: 'r1',
  id,
  step: 'charge',
  attempt: 1,
  failures: 0,
  lost: 0,
  sequence: 2,
  payload: '["10.00"]',
  workflow: 'order',
  tags: ['eu'],
  owner: 'A',
  fence: 1,
  ...more,
});

/** Handlers that end when the test says so, and who has been handed in. */
export class Gate {
  readonly started: string[] = [];
  private readonly waiting: (() => void)[] = [];
  private isOpen = false;

  readonly pass = async (what: string): Promise<void> => {
    this.started.push(what);
    if (!this.isOpen) await new Promise<void>((resolve) => this.waiting.push(resolve));
  };

  /** Lets those go that wait now. */
  release(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** Lets everybody go, from now on. */
  open(): void {
    this.isOpen = true;
    this.release();
  }
}

/** Waits until a list is as long as that. */
export async function untilLength(list: readonly unknown[], length: number): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; list.length < length;) {
    if (Date.now() > deadline) throw new Error(`Waited for ${length} of ${JSON.stringify(list)}.`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Waits as long as a message takes from one end of the queues to the other. */
export async function roundTrip({ connect }: QueueFixture): Promise<void> {
  const queue = await connect();
  const name = `round-trip-${Math.random()}`;
  const arrived: string[] = [];
  await queue.consumeSteps({ queue: name, concurrency: 1 }, async ({ id }) => void arrived.push(id));
  for (const id of ['there', 'and back']) {
    await queue.dispatch(task(id), name);
    await untilLength(arrived, id === 'there' ? 1 : 2);
  }
  await queue.close();
}

/** Begins to write down what a process is woken for. */
export async function recordWakes(queue: WorkflowQueue, owner: string): Promise<string[]> {
  const woken: string[] = [];
  await queue.consumeWakes(owner, async (runId) => void woken.push(runId));
  return woken;
}
