import { createHash, randomUUID } from 'node:crypto';
import { HookExpiredError, type InboxDraft, InvalidInputError, isEnded, type Payload } from '../core/index.js';
import { Activator } from './activator.js';
import { Announcer } from './announcer.js';
import {
  HookNotDefinedError,
  HookNotFoundError,
  HookUsedError,
  IdempotencyConflictError,
  NotRunningError,
  RunEndedError,
  RunNotFoundError,
  UnknownNameError,
} from './errors.js';
import { installGuards } from './guarded-globals/install.js';
import { Intake, runsWorkflows } from './intake.js';
import { LeaseKeeper } from './lease-keeper.js';
import type { EnginePorts } from './ports.js';
import { eachBlocked, Recovery } from './recovery.js';
import { ResultWaiters } from './result-waiters.js';
import { RunResults } from './run-results.js';
import { newRunId, type StartedRun, type StartRequest, unknownWorkflow } from './start-request.js';
import { attributeRejections } from './unhandled-rejections.js';

export interface DeliveryTerms {
  /** The payload was held to no definition, so a hook that has one must not get it. @default false */
  readonly unlessDefined?: boolean;
}

/** The runtime in one process. */
export class WorkflowEngine {
  readonly activator: Activator;
  private readonly announcer: Announcer;
  private readonly intake: Intake;
  private readonly leases: LeaseKeeper;
  private readonly recovery: Recovery;
  private readonly waiters: ResultWaiters;
  private readonly results: RunResults;
  private stopAttributing: (() => void) | undefined;
  private stopGuarding: (() => void) | undefined;
  private isStarted = false;

  constructor(readonly ports: EnginePorts) {
    this.waiters = new ResultWaiters(ports);
    this.activator = new Activator(ports, (end) => this.waiters.tell(end));
    this.results = new RunResults(
      ports,
      this.waiters,
      (runId) => this.activator.sessions.get(runId)?.isStored === true,
    );
    this.announcer = new Announcer(ports);
    this.intake = new Intake(this.activator);
    this.leases = new LeaseKeeper(this.activator);
    this.recovery = new Recovery(this.activator);
  }

  /** Begins to take work, and takes over what was left by processes that died. The store is open. */
  async start(): Promise<void> {
    const { options, logger } = this.ports;
    this.waiters.start();
    if (options.role === 'client') return;
    this.stopAttributing = attributeRejections(logger);
    if (runsWorkflows(options.role)) this.stopGuarding = installGuards(options.guardGlobals);
    await this.announcer.start();
    await this.intake.start();
    this.isStarted = true;
    if (!runsWorkflows(options.role)) return eachBlocked(this.ports, (runId) => void this.wake(runId));
    this.leases.start();
    await this.recovery.start();
  }

  /** Workflows or steps have been registered since the start: takes work for them, and wakes what has waited for them. */
  async takeUpNewCode(): Promise<void> {
    if (!this.isStarted || this.activator.isStopping) return;
    await this.intake.consumeSteps();
    await this.announcer.announce();
    this.activator.retryUnknown();
    await eachBlocked(this.ports, (runId) => void this.wake(runId));
  }

  /** Takes no more, waits for what runs as long as `shutdownGraceMs`, and hands back the rest. */
  async stop(): Promise<void> {
    const { clock, options, logger } = this.ports;
    this.recovery.stop();
    await this.activator.stop();
    let disarm = (): void => {};
    const outOfTime = new Promise<'late'>((resolve) => {
      disarm = clock.schedule(clock.now() + options.shutdownGraceMs, () => resolve('late'));
    });
    if ((await Promise.race([this.intake.drain(), outOfTime])) === 'late') {
      logger.warn(
        'steps were still running when the process had to stop: they are told to stop, and run again elsewhere',
      );
    }
    disarm();
    await Promise.all([this.activator.releaseAll(), this.intake.handBack()]);
    await this.announcer.stop();
    this.leases.stop();
    this.waiters.stop();
    this.stopGuarding?.();
    this.stopAttributing?.();
  }

  /**
   * Starts a run; once it resolves, the run survives everything.
   *
   * @throws UnknownNameError, IdempotencyConflictError, SerializationError, NotRunningError if the process stops
   */
  async startRun(request: StartRequest): Promise<StartedRun> {
    const { registry, codec, options } = this.ports;
    const definition = registry.workflow(request.workflow, request.version);
    if (!definition) throw new UnknownNameError(unknownWorkflow(request, registry.workflows));
    if (this.activator.isStopping) {
      throw new NotRunningError(
        'This process is stopping and starts no more runs. Start the run in another process, or when this one is back.',
      );
    }
    const runId = request.runId ?? newRunId();
    const input = codec.encode(request.args, 'args');
    const tags = [...new Set([...definition.tags, ...(request.tags ?? [])])];
    const { idempotencyKey } = request;
    // A start that cannot be repeated needs no digest.
    const isRepeatable = (idempotencyKey ?? request.runId) !== undefined;
    const inputDigest = isRepeatable ? this.digest(definition.name, input) : undefined;
    const create = {
      tags,
      ...(inputDigest && { inputDigest }),
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    };
    const start = { runId, input, create };
    // What is started while the process is still starting up is stored, and begun when it takes work.
    const runsHere = this.isStarted && runsWorkflows(options.role);
    const result = runsHere
      ? await this.activator.begin(definition, start)
      : await this.waiters.hearOf(runId, () => this.activator.store(definition, start));
    if (result.type === 'committed') {
      this.ports.counters.onRunStart(definition.name);
      if (!runsHere) await this.wake(runId);
      return { runId, isNew: true };
    }
    if (result.type !== 'duplicate') throw new Error(`A new run cannot be refused as ${result.type}.`);
    const digest = result.inputDigest ?? (await this.digestOf(result.runId));
    if (digest !== inputDigest) throw new IdempotencyConflictError(result.runId, idempotencyKey ?? runId);
    return { runId: result.runId, isNew: false };
  }

  /** Asks a run to stop: its `catch` and `finally` run. @throws RunNotFoundError, RunEndedError */
  async cancel(runId: string): Promise<void> {
    const draft = { type: 'workflow.cancel_requested' } as const;
    if ((await this.tell(runId, 'cancel', draft)) === 'appended') return;
    const run = await this.ports.store.runs.get(runId);
    // One that was halted in its clean-up can be cancelled once more for each time.
    if (run?.status === 'blocked' || run?.status === 'paused') await this.tell(runId, `cancel:${run.sequence}`, draft);
  }

  /** Lets a blocked or paused run go on. @throws RunNotFoundError, RunEndedError */
  async resume(runId: string): Promise<void> {
    const run = await this.ports.store.runs.get(runId);
    if (!run) throw new RunNotFoundError(runId);
    if (isEnded(run.status)) throw new RunEndedError(runId, run.status);
    if (run.status !== 'blocked' && run.status !== 'paused') {
      throw new InvalidInputError(`Run "${runId}" is ${run.status}: only a blocked or paused run can be resumed.`);
    }
    // One request for each time that the run was halted.
    await this.tell(runId, `resume:${run.sequence}`, { type: 'workflow.resumed' });
  }

  /**
   * Hands a payload to the hook with this token.
   *
   * @param deliveryId the same for the same delivery sent again, which then changes nothing
   * @throws HookNotFoundError, HookUsedError, HookExpiredError, HookNotDefinedError
   */
  async deliverHook(
    token: string,
    payload: unknown,
    deliveryId: string = randomUUID(),
    { unlessDefined = false }: DeliveryTerms = {},
  ): Promise<{ readonly runId: string; readonly isNew: boolean }> {
    const { store, clock, codec } = this.ports;
    const result = await store.deliverHook({
      token,
      payload: codec.encode(payload, 'payload'),
      deliveryId,
      receivedAt: clock.now(),
      ...(unlessDefined && { unlessDefined }),
    });
    switch (result.type) {
      case 'delivered':
        if (!result.news || !this.activator.take(result.news)) await this.wake(result.runId, result.owner);
        return { runId: result.runId, isNew: true };
      case 'duplicate':
        await this.wake(result.runId, result.owner);
        return { runId: result.runId, isNew: false };
      case 'used':
      case 'closed':
        throw new HookUsedError(result.runId, result.hookId, result.type);
      case 'expired':
        throw new HookExpiredError(result.hookId);
      case 'defined':
        throw new HookNotDefinedError(result.runId, result.hookId);
      case 'unknown':
        throw new HookNotFoundError();
    }
  }

  /**
   * Waits for a run to end.
   *
   * @returns its output
   * @throws RunFailedError, RunCancelledError, ResultTimeoutError, RunNotFoundError, NotRunningError if the process stops first
   */
  result(runId: string, timeoutMs = Infinity): Promise<unknown> {
    return this.results.of(runId, timeoutMs);
  }

  private digest(workflow: string, input: Payload): string {
    return createHash('sha256')
      .update(`${workflow} ${this.ports.codec.canonical(input)}`)
      .digest('base64url');
  }

  /** That of a run which was started without one; undefined if there is no such run any more. */
  private async digestOf(runId: string): Promise<string | undefined> {
    const { runs, events } = this.ports.store;
    const [run, [started]] = await Promise.all([runs.get(runId), events.load(runId, 0, 1)]);
    return run && started?.type === 'workflow.started' ? this.digest(run.workflow, started.payload) : undefined;
  }

  private async tell(runId: string, key: string, draft: InboxDraft): Promise<'appended' | 'duplicate'> {
    const result = await this.ports.store.append({ runId, key, draft, receivedAt: this.ports.clock.now() });
    if (result.type === 'unknown') throw new RunNotFoundError(runId);
    if (result.type === 'ended') throw new RunEndedError(runId, result.status);
    await this.wake(runId, result.owner);
    return result.type;
  }

  /** A lost wake is what the sweep is for, so a queue that fails is no reason to fail. */
  private async wake(runId: string, owner?: string): Promise<void> {
    await this.ports.queue.wake(runId, owner).catch((error: unknown) => {
      this.ports.logger.warn('a run could not be woken, and goes on at the next sweep', { runId, error });
    });
  }
}
