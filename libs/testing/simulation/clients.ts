import { HookExpiredError, InvalidInputError } from '../../core/index.js';
import {
  HookUsedError,
  RunCancelledError,
  RunEndedError,
  RunFailedError,
  type WorkflowEngine,
} from '../../runtime/index.js';
import { codec } from './codec.js';
import { recordedOutcome, showOutcome } from './outcome.js';
import { hookValue } from './plain.js';
import { findNode } from './program.js';
import type { Random } from './random.js';
import { describeError } from './run-program.js';
import type { SimulatedWorkflow, World } from './world.js';

/** One piece of work: a run that somebody starts, maybe several times, and maybe cancels. */
export interface Job {
  readonly key: string;
  readonly workflow: SimulatedWorkflow;
  readonly input: number;
  readonly isCancelled: boolean;
  /** Its starts ask for one run id, instead of giving one idempotency key. */
  readonly hasRunId: boolean;
  /** The run that the first start has made. */
  runId?: string;
}

/** How long a client waits for an answer before it asks somebody else. */
const PATIENCE_MS = 4_000;

/** Those who start runs, deliver to hooks and cancel: they ask until they have an answer. */
export class Clients {
  readonly jobs: Job[] = [];
  /** How many have no answer yet. */
  waiting = 0;
  private readonly random: Random;
  private starts = 0;

  constructor(private readonly world: World) {
    this.random = world.random.fork('clients');
    world.ledger.onHookCreated = (runId, id, token) => this.serveHook(runId, id, token);
  }

  /** Begins to start runs. */
  begin(): void {
    const { random, world } = this;
    const count = random.whole(1, 4);
    for (let index = 0; index < count; index++) {
      const job: Job = {
        key: `job${index}`,
        workflow: random.pick(world.workflows),
        input: random.whole(0, 99),
        isCancelled: random.chance(world.weather.climate.cancellations),
        hasRunId: random.chance(0.3),
      };
      this.jobs.push(job);
      const starts = random.chance(0.3) ? random.whole(2, 3) : 1;
      for (let start = 0; start < starts; start++) this.go(() => this.start(job));
      const cancels = !job.isCancelled ? 0 : random.chance(0.3) ? 2 : 1;
      for (let cancel = 0; cancel < cancels; cancel++) this.go(() => this.cancel(job));
    }
    void this.watch();
  }

  /** Resumes what has paused, as a person would; a run that is blocked no person could help here. */
  private async watch(): Promise<void> {
    const { ledger, trace } = this.world;
    for (;;) {
      await this.world.sleep(2_000 + this.random.value() * 3_000);
      for (const { runId, status, reason } of ledger.runs.values()) {
        if (status === 'blocked') trace.violate(`${runId} is blocked: ${reason}`);
        if (status !== 'paused') continue;
        await this.insist(`resume ${runId}`, (engine) =>
          answerOf(engine.resume(runId), RunEndedError, InvalidInputError),
        );
      }
    }
  }

  private go(client: () => Promise<void>): void {
    this.waiting += 1;
    void client()
      .catch((error: unknown) =>
        this.world.trace.violate(`a client got an answer that makes no sense: ${String(error)}`),
      )
      .finally(() => (this.waiting -= 1));
  }

  private async start(job: Job): Promise<void> {
    await this.world.sleep(this.random.value() * 3_000);
    const { runId } = await this.insist(`start ${job.key}`, (engine) =>
      engine.startRun({
        workflow: job.workflow.name,
        args: [job.input],
        ...(job.hasRunId ? { runId: `${job.key}-run` } : { runId: `run${++this.starts}`, idempotencyKey: job.key }),
      }),
    );
    const { ledger, trace } = this.world;
    if (!ledger.runs.has(runId)) trace.violate(`${runId} is said to be started, and is not stored`);
    if (job.runId !== undefined && job.runId !== runId)
      trace.violate(`${job.key} has two runs, ${job.runId} and ${runId}`);
    job.runId = runId;
    if (this.random.chance(0.5)) this.go(() => this.expectResult(runId));
  }

  /** Waits for a run to end, and compares what it is told with what is stored. */
  private async expectResult(runId: string): Promise<void> {
    const told = await this.insist(`tell the result of ${runId}`, async (engine) => {
      try {
        return showOutcome({ type: 'completed', value: (await engine.result(runId)) as number });
      } catch (error) {
        if (error instanceof RunFailedError) return `failed with ${describeError(error.cause)}`;
        if (error instanceof RunCancelledError) return 'cancelled';
        throw error;
      }
    });
    const stored = recordedOutcome(this.world.ledger.runs.get(runId)!.events, codec);
    if (!stored || !showOutcome(stored).startsWith(told))
      this.world.trace.violate(`${runId} is told to have ${told}, and has ${stored ? showOutcome(stored) : 'no end'}`);
  }

  private async cancel(job: Job): Promise<void> {
    await this.world.sleep(this.random.value() * (this.random.chance(0.5) ? 3_000 : 40_000));
    while (job.runId === undefined) await this.world.sleep(500);
    const { runId } = job;
    await this.insist(`cancel ${runId}`, (engine) => answerOf(engine.cancel(runId), RunEndedError));
  }

  /** Delivers to a new hook what the program says, several times over. */
  private serveHook(runId: string, id: string, token: string): void {
    const [, kind, digits] = /^(hook|inbox)(\d+)#/.exec(id) ?? [];
    const program = this.programOf(runId);
    const node = program && findNode(program, Number(digits));
    if ((node?.type !== 'hook' && node?.type !== 'inbox') || node.type !== kind)
      return this.world.trace.violate(`${runId} has made a hook ${id} that is not in its program`);
    if (node.type === 'hook' && !node.isDelivered) return;
    const { random } = this;
    const wanted = node.type === 'inbox' ? node.count : 1;
    const deliveries = wanted + (random.chance(0.3) ? random.whole(1, 2) : 0);
    const soonMs = random.chance(0.7) ? 300 : 20_000;
    // In time for the expiry, and a little too late.
    const { timeoutMs } = node;
    const aimMs = timeoutMs !== undefined && random.chance(0.5) ? timeoutMs - 100 : 0;
    for (let delivery = 0; delivery < deliveries; delivery++) {
      const deliveryId = `${runId}/${id}/${delivery}`;
      const senders = random.chance(0.3) ? 2 : 1;
      for (let sender = 0; sender < senders; sender++) {
        this.go(async () => {
          await this.world.sleep(aimMs > 0 ? aimMs + random.value() * 200 : random.value() * soonMs);
          await this.deliver(token, Number(digits), deliveryId);
        });
      }
    }
  }

  private async deliver(token: string, position: number, deliveryId: string): Promise<void> {
    const payload = { value: hookValue(position), deliveryId };
    await this.insist(`deliver ${deliveryId}`, (engine) =>
      answerOf(engine.deliverHook(token, payload, deliveryId), HookUsedError, HookExpiredError),
    );
  }

  private programOf(runId: string) {
    const [started] = this.world.ledger.runs.get(runId)?.events ?? [];
    if (started?.type !== 'workflow.started') return undefined;
    return this.world.workflows.find(({ name }) => name === started.attributes.workflow)?.program;
  }

  /** Asks one process after the other until one answers. */
  private async insist<T>(what: string, ask: (engine: WorkflowEngine) => Promise<T>): Promise<T> {
    const { world } = this;
    for (;;) {
      const process = world.anyone();
      if (process) {
        world.loop.stir();
        const answer = await Promise.race([settled(ask(process.engine)), world.sleep(PATIENCE_MS)]);
        if (answer && 'value' in answer) return answer.value;
        world.trace.note(`${process.owner} does not ${what}: ${answer ? String(answer.error) : 'no answer'}`);
      }
      await world.sleep(100 + this.random.value() * 1_000);
    }
  }
}

/** An answer, be it one of these errors: asking again would not change it. */
async function answerOf<T>(
  answer: Promise<T>,
  ...definite: readonly (new (...args: never[]) => Error)[]
): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (definite.some((type) => error instanceof type)) return undefined;
    throw error;
  }
}

async function settled<T>(answer: Promise<T>): Promise<{ readonly value: T } | { readonly error: unknown }> {
  try {
    return { value: await answer };
  } catch (error) {
    return { error };
  }
}
