import {
  callKey,
  type Clock,
  type Codec,
  decideRetry,
  type EventType,
  type InboxDraft,
  type StepTask,
  TurnoverMap,
  WorkflowCancelledError,
  WorkflowTimeoutError,
} from '../core/index.js';
import { runInStep, type StepContext } from './context.js';
import { ContextOfStep, type StepCaller } from './contexts-of-code.js';
import type { Counters } from './counters.js';
import type { EngineLogger } from './logger.js';
import type { EnginePorts } from './ports.js';
import type { Registry, StepDefinition } from './registry.js';
import { RunningAttempt } from './running-attempt.js';

export type StepOutcome = Extract<
  InboxDraft,
  { type: 'step.completed' | 'step.failed' | 'step.retrying' | 'step.exhausted' }
>;

const UNKNOWN = Promise.resolve(undefined);

/** Runs single attempts of steps, and can abort those that are running. */
export class StepExecutor {
  private readonly running = new TurnoverMap<string, RunningAttempt>();

  private readonly counters: Counters;
  private readonly registry: Registry;
  private readonly codec: Codec;
  private readonly clock: Clock;
  private readonly logger: EngineLogger;
  private readonly random: () => number;

  constructor({ registry, codec, clock, logger, counters, random = Math.random }: EnginePorts) {
    this.counters = counters;
    this.registry = registry;
    this.codec = codec;
    this.clock = clock;
    this.logger = logger;
    this.random = random;
  }

  /**
   * Runs one attempt and says what came of it; it never rejects.
   *
   * @returns undefined if this process knows no such step
   */
  execute(task: StepTask, caller: StepCaller): Promise<StepOutcome | undefined> {
    const definition = this.registry.step(task.step);
    if (!definition) return UNKNOWN;
    const running = new RunningAttempt();
    const key = callKey(task.runId, task.id);
    this.running.set(key, running);
    this.counters.onAttempt(definition.name);
    const beganAt = this.clock.now();
    const ended = (outcome: StepOutcome, how: EventType): StepOutcome => {
      if (this.running.get(key) === running) this.running.delete(key);
      const tookMs = this.clock.now() - beganAt;
      this.counters.onAttemptEnd(definition.name, how, tookMs);
      return tookMs > 0 ? withTime(outcome, tookMs) : outcome;
    };
    return this.begin(task, definition, new ContextOfStep(task, caller, running, this.logger), running).then(
      (value) => {
        const outcome = this.completed(task, value);
        return ended(outcome, outcome.type);
      },
      (error: unknown) => {
        const outcome = this.failed(task, definition, error, running);
        return ended(outcome, running.isCancelled ? 'step.cancelled' : outcome.type);
      },
    );
  }

  /** How many attempts are running. */
  get runningCount(): number {
    return this.running.size;
  }

  /** Tells a running attempt to stop; its outcome means nothing any more. */
  abort(runId: string, stepId: string, why: string): void {
    this.running.get(callKey(runId, stepId))?.abort(new WorkflowCancelledError(why));
  }

  /** @returns what the body gives */
  private begin(
    task: StepTask,
    definition: StepDefinition,
    context: StepContext,
    running: RunningAttempt,
  ): Promise<unknown> {
    const readStepContext = (): unknown => (task.context === undefined ? undefined : this.codec.decode(task.context));
    const body = (): unknown => {
      const args = this.codec.decode(task.payload!) as unknown[];
      return runInStep(context, readStepContext, () => definition.invoke(args));
    };
    return definition.timeoutMs === undefined
      ? running.run(body)
      : this.withinTime(definition.name, definition.timeoutMs, running, body);
  }

  /** What cannot be stored fails the step, and is not tried again. */
  private completed({ id, attempt }: StepTask, value: unknown): StepOutcome {
    try {
      return { type: 'step.completed', id, payload: this.codec.encode(value, 'result'), attributes: { attempt } };
    } catch (error) {
      return { type: 'step.failed', id, payload: this.encodeError(error), attributes: { attempt } };
    }
  }

  private failed(
    task: StepTask,
    definition: StepDefinition,
    error: unknown,
    { isCancelled }: RunningAttempt,
  ): StepOutcome {
    const { id, attempt } = task;
    const payload = this.encodeError(error);
    const decision = this.decide(task, definition, error);
    const next = isCancelled ? 'cancelled' : decision.type;
    this.logger.debug('step attempt failed', { runId: task.runId, stepId: id, attempt, error, next });
    if (decision.type === 'retry') {
      return {
        type: 'step.retrying',
        id,
        payload,
        attributes: { attempt, retryAt: this.clock.now() + decision.delayMs },
      };
    }
    const pauses = decision.type === 'exhausted' && definition.onExhausted === 'pause';
    return { type: pauses ? 'step.exhausted' : 'step.failed', id, payload, attributes: { attempt } };
  }

  /** A retry policy is user code as well: one that throws ends the retries. */
  private decide(task: StepTask, definition: StepDefinition, error: unknown): ReturnType<typeof decideRetry> {
    try {
      return decideRetry(definition.retry, error, task.failures + 1, this.clock.now(), this.random);
    } catch (policyError) {
      this.logger.error('the retry policy of a step threw an error: the step is not tried again', {
        step: task.step,
        error: policyError,
      });
      return { type: 'give_up' };
    }
  }

  private encodeError(error: unknown): string {
    try {
      return this.codec.encode(error);
    } catch (unstorable) {
      return this.codec.encode(unstorable);
    }
  }

  private async withinTime(
    step: string,
    timeoutMs: number,
    running: RunningAttempt,
    body: () => unknown,
  ): Promise<unknown> {
    const disarm = this.clock.schedule(this.clock.now() + timeoutMs, () =>
      running.abort(new WorkflowTimeoutError(`Step "${step}" took longer than its timeout of ${timeoutMs} ms.`)),
    );
    try {
      return await running.run(body);
    } finally {
      disarm();
    }
  }
}

function withTime(outcome: StepOutcome, tookMs: number): StepOutcome {
  return { ...outcome, attributes: { ...outcome.attributes, tookMs } } as StepOutcome;
}
