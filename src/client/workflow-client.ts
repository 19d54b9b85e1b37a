import { Inject, Injectable } from '@nestjs/common';
import { type Duration, durationToMs, type RunStatus, WorkflowStore } from '../../libs/core/index.js';
import {
  HookNotFoundError,
  RunCancelledError,
  RunFailedError,
  RunNotFoundError,
  WorkflowEngine,
} from '../../libs/runtime/index.js';
import type { ValueCodec } from '../../libs/serialization/index.js';
import type { WorkflowClass } from '../decorators/workflow.decorator.js';
import { WorkflowCatalog } from '../discovery/workflow.catalog.js';
import { HookDeliveries } from '../hooks/hook-deliveries.js';
import { PYWORKFLOW_CODEC } from '../pyworkflow.constants.js';
import { PyWorkflowLifecycle } from '../runtime/pyworkflow.lifecycle.js';
import { type HookInfo, toHookInfo } from './hook-info.js';
import { check } from './inputs.js';
import { findEntry } from './find-entry.js';
import { type EventOptions, type RunEvent, toRunEvent } from './run-event.js';
import type { StartOptions } from './start.options.js';
import { type CancelOptions, type ResultOptions, WorkflowHandle } from './workflow-handle.js';
import type {
  AsyncMethodName,
  MethodArgs,
  MethodResult,
  WorkflowArgs,
  WorkflowMethod,
  WorkflowResult,
} from './workflow-reference.js';
import { toWorkflowRun, type WorkflowRun } from './workflow-run.js';

/** Which runs `listRuns` gives. What is left out leaves out none. */
export interface RunListFilter {
  readonly status?: RunStatus | readonly RunStatus[];
  /** The name of a workflow. */
  readonly workflow?: string;
  /** Only runs that have all of these. */
  readonly tags?: readonly string[];
  readonly createdAfter?: Date;
  readonly createdBefore?: Date;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
  /** At most this many, up to 1000. @default 50 */
  readonly limit?: number;
}

/** A page of runs. */
export interface RunList {
  /** Newest first. */
  readonly runs: readonly WorkflowRun[];
  /** Present if there are more. */
  readonly nextCursor?: string;
}

/** A workflow that a process knows. */
export interface WorkflowInfo {
  readonly name: string;
  readonly version: number;
  readonly description?: string;
}

/** What `resumeHook` takes besides token and payload. */
export interface DeliveryOptions {
  /** The same for the same delivery sent again, which then changes nothing. @default a new one each time */
  readonly deliveryId?: string;
}

const DEFAULT_LIST_LIMIT = 50;
const EVENT_PAGE = 1_000;

/**
 * Starts runs, looks at them and deals with them.
 *
 * @publicApi
 */
@Injectable()
export class WorkflowClient {
  constructor(
    private readonly engine: WorkflowEngine,
    protected readonly store: WorkflowStore,
    private readonly catalog: WorkflowCatalog,
    private readonly lifecycle: PyWorkflowLifecycle,
    private readonly deliveries: HookDeliveries,
    @Inject(PYWORKFLOW_CODEC) private readonly codec: ValueCodec,
  ) {}

  /**
   * Starts a run; once this resolves, the run survives everything.
   *
   * @param workflow its class, `[Provider, 'method']`, or its name
   * @throws ValidationFailedError, UnknownNameError, InvalidInputError, IdempotencyConflictError, SerializationError,
   * NotRunningError if the process stops
   */
  start<W extends WorkflowClass>(
    workflow: W,
    args: WorkflowArgs<W>,
    options?: StartOptions,
  ): Promise<WorkflowHandle<WorkflowResult<W>>>;
  start<T extends object, K extends AsyncMethodName<T>>(
    workflow: WorkflowMethod<T, K>,
    args: MethodArgs<T[K]>,
    options?: StartOptions,
  ): Promise<WorkflowHandle<MethodResult<T[K]>>>;
  start<Result = unknown>(
    workflow: string,
    args: readonly unknown[],
    options?: StartOptions,
  ): Promise<WorkflowHandle<Result>>;
  async start(workflow: unknown, args: readonly unknown[], options: StartOptions = {}): Promise<WorkflowHandle> {
    this.lifecycle.assertUsable('start');
    check.args(args);
    check.startOptions(options);
    const { name, version, checks } = findEntry(this.catalog, workflow, options.version);
    if (checks) await checks.check(args);
    const { runId } = await this.engine.startRun({ ...options, workflow: name, version, args });
    return new WorkflowHandle(runId, this);
  }

  /** The workflows that this process knows: their names, versions and descriptions. */
  listWorkflows(): readonly WorkflowInfo[] {
    return this.catalog.entries.map(({ name, version, description }) => ({
      name,
      version,
      ...(description === undefined ? undefined : { description }),
    }));
  }

  /** The handle of a run that was started before. */
  getHandle<T = unknown>(runId: string): WorkflowHandle<T> {
    check.runId(runId);
    return new WorkflowHandle<T>(runId, this);
  }

  /** As `handle.result()`. */
  // Not async: thousands may wait at once, and each would keep the state of a function besides.
  getResult<T = unknown>(runId: string, options: ResultOptions = {}): Promise<T> {
    try {
      this.lifecycle.assertUsable('getResult');
      check.runId(runId);
      check.resultOptions(options);
      return this.outcome(runId, toMs(options.timeout, 'timeout')) as Promise<T>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** @throws RunNotFoundError */
  async getRun(runId: string): Promise<WorkflowRun> {
    this.lifecycle.assertUsable('getRun');
    check.runId(runId);
    const record = await this.store.runs.get(runId);
    if (!record) throw new RunNotFoundError(runId);
    return toWorkflowRun(record, this.codec);
  }

  /** Runs by status, workflow, tags and time of their start, the newest first. */
  async listRuns(filter: RunListFilter = {}): Promise<RunList> {
    this.lifecycle.assertUsable('listRuns');
    check.filter(filter);
    const { status, createdAfter, createdBefore, limit = DEFAULT_LIST_LIMIT, ...rest } = filter;
    const page = await this.store.runs.list({
      ...rest,
      limit,
      ...(status === undefined ? undefined : { status: typeof status === 'string' ? [status] : status }),
      ...(createdAfter && { createdAfter: createdAfter.getTime() }),
      ...(createdBefore && { createdBefore: createdBefore.getTime() }),
    });
    const runs = page.runs.map((record) => toWorkflowRun(record, this.codec));
    return page.nextCursor === undefined ? { runs } : { runs, nextCursor: page.nextCursor };
  }

  /** The history of a run, in order. @throws RunNotFoundError */
  async getEvents(runId: string, options: EventOptions = {}): Promise<readonly RunEvent[]> {
    const events: RunEvent[] = [];
    for await (const event of this.streamEvents(runId, options)) events.push(event);
    return events;
  }

  /** The history of a run so far, read as it is asked for. @throws RunNotFoundError */
  async *streamEvents(runId: string, options: EventOptions = {}): AsyncGenerator<RunEvent, void, undefined> {
    this.lifecycle.assertUsable('streamEvents');
    check.runId(runId);
    check.eventOptions(options);
    const { after = 0, limit = Infinity, includeTokens = false } = options;
    const run = await this.store.runs.get(runId);
    if (!run) throw new RunNotFoundError(runId);
    let sequence = after;
    for (let left = limit; left > 0 && sequence < run.sequence;) {
      const page = await this.store.events.load(runId, sequence, Math.min(EVENT_PAGE, left));
      if (page.length === 0) return;
      for (const event of page) {
        if (event.sequence > run.sequence) return;
        yield toRunEvent(event, this.codec, includeTokens);
        sequence = event.sequence;
      }
      left -= page.length;
    }
  }

  /**
   * Asks a run to stop: what it awaits rejects with WorkflowCancelledError, and its `catch` and `finally` run.
   *
   * With `wait`, resolves when the run has ended, in whatever way: a run may survive its cancellation.
   *
   * @throws RunNotFoundError, RunEndedError, ResultTimeoutError if it has not ended within `wait`
   */
  async cancel(runId: string, options: CancelOptions = {}): Promise<void> {
    this.lifecycle.assertUsable('cancel');
    check.runId(runId);
    check.cancelOptions(options);
    await this.engine.cancel(runId);
    if (options.wait !== undefined) await this.outcome(runId, toMs(options.wait, 'wait')).catch(unlessEnded);
  }

  /** Lets a blocked or paused run go on. @throws RunNotFoundError, RunEndedError, InvalidInputError */
  async resume(runId: string): Promise<void> {
    this.lifecycle.assertUsable('resume');
    check.runId(runId);
    await this.engine.resume(runId);
  }

  /**
   * Hands a payload to the hook with this token. Of many deliveries at once to a hook of one payload, one wins.
   * If the hook is defined by `defineHook`, the payload is validated first, and one that is not valid changes nothing.
   *
   * @returns the run that the hook belongs to
   * @throws ValidationFailedError, HookNotFoundError, HookNotDefinedError, HookUsedError, HookExpiredError,
   * InvalidInputError for what cannot be a token
   */
  async resumeHook(token: string, payload?: unknown, options: DeliveryOptions = {}): Promise<WorkflowHandle> {
    this.lifecycle.assertUsable('resumeHook');
    check.token(token);
    check.deliveryOptions(options);
    const { runId } = await this.deliveries.deliver(token, payload, options.deliveryId);
    return new WorkflowHandle(runId, this);
  }

  /** @throws HookNotFoundError, InvalidInputError for what cannot be a token */
  async getHook(token: string): Promise<HookInfo> {
    this.lifecycle.assertUsable('getHook');
    check.token(token);
    const hook = await this.store.hooks.findByToken(token);
    if (!hook) throw new HookNotFoundError();
    return toHookInfo(hook, false);
  }

  /** The hooks that a run has created. @throws RunNotFoundError */
  async listHooks(runId: string, options: { readonly includeTokens?: boolean } = {}): Promise<readonly HookInfo[]> {
    check.hooksOptions(options);
    await this.getRun(runId);
    const hooks = await this.store.hooks.list(runId);
    return hooks.map((hook) => toHookInfo(hook, options.includeTokens ?? false));
  }

  /** @internal Waits for the end of a run; a client for tests lets time pass meanwhile. */
  protected outcome(runId: string, timeoutMs: number): Promise<unknown> {
    return this.engine.result(runId, timeoutMs);
  }
}

function toMs(duration: Duration | undefined, option: string): number {
  return duration === undefined ? Infinity : durationToMs(duration, option);
}

function unlessEnded(error: unknown): void {
  if (!(error instanceof RunCancelledError) && !(error instanceof RunFailedError)) throw error;
}
