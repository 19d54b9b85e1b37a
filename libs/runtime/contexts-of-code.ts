import type { Execution, StepTask } from '../core/index.js';
import { checkpoint } from './checkpoint.js';
import type { StepContext, WorkflowContext } from './context.js';
import { type EngineLogger, unlessSilent } from './logger.js';
import type { RunningAttempt } from './running-attempt.js';

/** What a step may know of the run that called it. */
export interface StepCaller {
  readonly workflowName: string;
  readonly tags: readonly string[];
}

// Getters of a class, since V8 makes each object slow whose getters are its own; and what few ask for is made then.

/** The context of a run's workflow code. */
export class ContextOfWorkflow implements WorkflowContext {
  readonly kind = 'workflow';
  readonly checkpoint = checkpoint;
  readonly #execution: Execution;
  readonly #logger: EngineLogger;

  constructor(
    readonly runId: string,
    readonly workflowName: string,
    readonly tags: readonly string[],
    execution: Execution,
    logger: EngineLogger,
  ) {
    this.#execution = execution;
    this.#logger = logger;
  }

  get isReplaying(): boolean {
    return this.#execution.isReplaying;
  }

  get logger(): EngineLogger {
    const fields = { runId: this.runId, workflow: this.workflowName };
    return unlessSilent(this.#logger, () => this.isReplaying, fields);
  }
}

/** The context of an attempt of a step. */
export class ContextOfStep implements StepContext {
  readonly kind = 'step';
  readonly runId: string;
  readonly workflowName: string;
  readonly tags: readonly string[];
  readonly stepName: string;
  readonly stepId: string;
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly isReplaying = false;
  readonly checkpoint = checkpoint;
  readonly #running: RunningAttempt;
  readonly #logger: EngineLogger;

  constructor(task: StepTask, caller: StepCaller, running: RunningAttempt, logger: EngineLogger) {
    this.runId = task.runId;
    this.workflowName = caller.workflowName;
    this.tags = caller.tags;
    this.stepName = task.step;
    this.stepId = task.id;
    this.attempt = task.attempt;
    // The last ":" ends the id of the run, whatever characters that and the name have.
    this.idempotencyKey = `${task.runId}:${task.id.replaceAll(/[%:]/g, encodeURIComponent)}`;
    this.#running = running;
    this.#logger = logger;
  }

  get signal(): AbortSignal {
    return this.#running.signal;
  }

  get logger(): EngineLogger {
    const { runId, workflowName: workflow, stepName: step, stepId, attempt } = this;
    return unlessSilent(this.#logger, () => false, { runId, workflow, step, stepId, attempt });
  }
}
