import {
  describeCommand,
  type Execution,
  type HistoryEvent,
  record,
  type RunState,
  WorkflowCancelledError,
  WorkflowTimeoutError,
} from '../core/index.js';
import type { Guard } from './context.js';
import type { EnginePorts } from './ports.js';

/** A run as far as what its code awaits depends on it. */
interface WaitingRun {
  readonly state: RunState;
  readonly execution: Execution;
  readonly guard: Guard | undefined;
}

/**
 * Code that awaits something that is not durable, which may never come, and where nothing can be brought to it.
 *
 * As long as that lasts the run is held, since it may go on at any moment. A run that was interrupted meanwhile is given
 * some time, and then ends without its code.
 */
export class OrdinaryWait {
  private readonly state: RunState;
  private readonly execution: Execution;
  private readonly guard: Guard | undefined;
  private readonly heldSince: number;
  /** Where the run stood when it was reported. */
  private reportedAt: number | undefined;

  // The literal is not kept, as in `Execution`.
  constructor(
    private readonly ports: EnginePorts,
    { state, execution, guard }: WaitingRun,
  ) {
    this.state = state;
    this.execution = execution;
    this.guard = guard;
    this.heldSince = ports.clock.now();
  }

  /** When there is something to do about it. */
  get lapsesAt(): number | undefined {
    const { state, execution } = this;
    if (state.status !== 'running' || !execution.isOutOfReach) return undefined;
    if (!this.isInterrupted && this.reportedAt === state.sequence) return undefined;
    // Another process begins to count anew: it has had to begin the wait anew.
    return Math.max(this.heldSince, state.at) + this.ports.options.ordinaryWaitMs;
  }

  /** @returns the events that end a run which was interrupted; of any other run it is told only that it waits */
  lapse(now: number): HistoryEvent[] {
    if ((this.lapsesAt ?? Infinity) > now) return [];
    const { state } = this;
    if (this.isInterrupted) return this.end(now);
    this.reportedAt = state.sequence;
    const advice = 'It is kept in memory meanwhile. Move such work into a step, which can have a timeout.';
    this.ports.logger.warn(`run ${state.runId} ${this.describe()} ${advice}`, this.fields);
    return [];
  }

  private end(now: number): HistoryEvent[] {
    const { state } = this;
    const { logger, codec } = this.ports;
    const why = `Its code ${this.describe()} Nothing can interrupt that, so the run has ended without its code: move such work into a step.`;
    const isCancelled = state.cancelRequested;
    logger.error(`run ${state.runId} was ${isCancelled ? 'cancelled' : 'timed out'}. ${why}`, this.fields);
    const error = isCancelled
      ? new WorkflowCancelledError(`The run was cancelled. ${why}`)
      : new WorkflowTimeoutError(`The run took longer than its maxDuration. ${why}`);
    const type = isCancelled ? 'workflow.cancelled' : 'workflow.failed';
    return record(state, { type, payload: codec.encode(error) }, now);
  }

  private get isInterrupted(): boolean {
    return this.state.cancelRequested || this.state.timedOut;
  }

  private get fields(): object {
    return { runId: this.state.runId, workflow: this.state.started.workflow };
  }

  private describe(): string {
    const { execution, guard } = this;
    const { lastCommand } = execution.log;
    const place = lastCommand ? `behind ${describeCommand(lastCommand)}` : 'before its first durable wait';
    const call = guard?.lastCall ? ` (the last I/O that it began is ${guard.lastCall})` : '';
    const seconds = this.ports.options.ordinaryWaitMs / 1_000;
    return `has awaited something that is not durable for ${seconds} s, ${place}${call}.`;
  }
}
