import { type Execution, type LeaseChange, nextDueAt } from '../core/index.js';
import type { OpenAttempts } from './open-attempts.js';
import type { OrdinaryWait } from './ordinary-wait.js';
import type { HeldRun, SessionHost } from './session-host.js';

/** A run as far as its lease depends on it. */
interface LeasedRun extends HeldRun {
  readonly execution: Execution;
  readonly attempts: OpenAttempts;
  readonly ordinaryWait: OrdinaryWait;
}

/** When a run may be given up, and when somebody must look at it again then. */
export class LeaseTerms {
  constructor(
    private readonly host: SessionHost,
    private readonly run: LeasedRun,
  ) {}

  /** Its code has nothing to do until something comes, so that it can be dropped from memory. */
  get isWaiting(): boolean {
    return this.run.state.status !== 'running' || this.run.execution.isParked;
  }

  /** When somebody must look at the run again once it is given up. */
  alarm(now: number): number | undefined {
    const { state, attempts } = this.run;
    if (state.status !== 'running') return undefined;
    return attempts.hasOpen(now) ? now : nextDueAt(state);
  }

  /** When to look at the run while it is held. Time alone brings nothing about in one that was halted. */
  nextLookAt(now: number, inboxReadAt: number): number | undefined {
    const { state, attempts, ordinaryWait } = this.run;
    if (state.status !== 'running') return undefined;
    const dueAt = Math.min(nextDueAt(state, now) ?? Infinity, attempts.repeatAt ?? Infinity);
    return Math.min(this.readAgainAt(inboxReadAt), dueAt, ordinaryWait.lapsesAt ?? Infinity);
  }

  /**
   * Whether something may have come whose wake was lost, and which then comes before a timer that is due now. Who expects
   * nothing looks once in a while only.
   */
  mayHaveMail(now: number, inboxReadAt: number): boolean {
    const { state, attempts } = this.run;
    return state.hooks.size > 0 || attempts.hasOpenElsewhere || this.readAgainAt(inboxReadAt) <= now;
  }

  private readAgainAt(inboxReadAt: number): number {
    return inboxReadAt + this.host.ports.options.recoveryIntervalMs;
  }

  /** What a commit does with the lease. @param isBusy the run has something to do, and is to be held */
  change(isBusy: boolean): LeaseChange {
    const { clock, options } = this.host.ports;
    const now = clock.now();
    const until = now + options.leaseMs;
    if (isBusy || !this.mayRelease(now)) return { type: 'hold', owner: options.owner, until };
    const wakeAt = this.alarm(now);
    return { type: 'release', owner: options.owner, until, ...(wakeAt === undefined ? undefined : { wakeAt }) };
  }

  private mayRelease(now: number): boolean {
    const { state, attempts } = this.run;
    if (!attempts.isIdle) return false;
    if (state.status !== 'running') return true;
    return this.isWaiting && !attempts.hasOpen(now) && this.host.isWorthReleasing(this.run, nextDueAt(state));
  }
}
