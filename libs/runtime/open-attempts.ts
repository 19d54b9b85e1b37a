import type { StepCall, StepTask } from '../core/index.js';
import type { HeldRun, SessionHost } from './session-host.js';

/** The attempts that a session has handed out and that have no outcome. */
export class OpenAttempts {
  private readonly dispatched = new Map<string, number>();

  constructor(
    private readonly host: SessionHost,
    private readonly run: Omit<HeldRun, 'isIdle'>,
  ) {}

  /** Attempts run in this process, or are about to, so that its death would put the run under suspicion. */
  isExecuting(now: number): boolean {
    for (const call of this.owed(now)) if (this.host.runsHere(call)) return true;
    return false;
  }

  /** Attempts are due or running, here or elsewhere. */
  hasOpen(now: number): boolean {
    for (const _ of this.owed(now)) return true;
    return false;
  }

  /** No attempt that was handed out can still have an effect on the run. */
  get isIdle(): boolean {
    for (const [id, attempt] of this.dispatched) if (this.isCurrent(id, attempt)) return false;
    return true;
  }

  /** Hands out the attempts that are committed and due. */
  dispatchOwed(now: number): void {
    if (this.host.isStopping) return;
    for (const call of this.owed(now)) {
      if (this.dispatched.get(call.id) === call.attempt) continue;
      this.dispatched.set(call.id, call.attempt);
      this.host.dispatch(this.taskOf(call));
    }
  }

  /** Forgets the attempts that have an outcome or are superseded, and tells those that still run to stop. */
  forgetSettled(): void {
    for (const [id, attempt] of this.dispatched) {
      if (this.isCurrent(id, attempt)) continue;
      this.dispatched.delete(id);
      this.host.abort(this.run.runId, id, 'The step call was cancelled, or superseded by another attempt.');
    }
  }

  /** Lets an attempt that nobody could run be handed out again. */
  takeBack(id: string): void {
    this.dispatched.delete(id);
  }

  abortAll(why: string): void {
    for (const id of this.dispatched.keys()) this.host.abort(this.run.runId, id, why);
    this.dispatched.clear();
  }

  private isCurrent(id: string, attempt: number): boolean {
    const call = this.run.state.steps.get(id);
    return call !== undefined && call.attempt === attempt && !call.exhausted;
  }

  private owed(now: number): Iterable<StepCall> {
    const { state } = this.run;
    return state.status === 'running' ? state.owedSteps(now) : [];
  }

  private taskOf(call: StepCall): StepTask {
    const { run, host } = this;
    return {
      runId: run.runId,
      id: call.id,
      step: call.id.slice(0, call.id.lastIndexOf('#')),
      attempt: call.attempt,
      failures: call.failures,
      sequence: call.sequence,
      payload: call.payload,
      workflow: run.state.started.workflow,
      owner: host.ports.options.owner,
      fence: run.fence,
    };
  }
}
