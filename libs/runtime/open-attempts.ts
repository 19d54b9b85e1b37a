import { type EventDraft, nameOf, type StepCall, type StepTask } from '../core/index.js';
import { unknownStep } from './errors.js';
import { lostAttempt } from './lost-attempt.js';
import type { HeldRun, SessionHost } from './session-host.js';

/** The longest that a message is waited for before its attempt is handed out again. */
const LONGEST_WAIT_MS = 5 * 60_000;

interface Dispatched {
  readonly attempt: number;
  times: number;
  /** When it was handed out first. */
  readonly since: number;
  /** It runs in this process, which knows whether it has begun. Others tell the store. */
  readonly isHere: boolean;
  /** When to look after it, for the message may be lost, or its process. */
  repeatAt: number;
  hasBegun: boolean;
}

/** The attempts that a session has handed out and that have no outcome. */
export class OpenAttempts {
  private readonly dispatched = new Map<string, Dispatched>();
  /** No attempt in another process is to be looked after before. */
  private lookAfterAt = Infinity;

  constructor(
    private readonly host: SessionHost,
    private readonly run: Omit<HeldRun, 'isIdle'>,
  ) {}

  /** Attempts run in this process, or are about to, so that its death would put the run under suspicion. */
  isExecuting(now: number): boolean {
    return this.owed(now).some(({ id }) => this.host.runsHere(nameOf(id)));
  }

  /** Attempts are due or running, here or elsewhere. */
  hasOpen(now: number): boolean {
    return this.owed(now).length > 0;
  }

  /** Attempts are with other processes, which tell of their outcomes in the inbox. */
  get hasOpenElsewhere(): boolean {
    for (const [id, dispatched] of this.dispatched) if (!dispatched.isHere && this.isOpen(id, dispatched)) return true;
    return false;
  }

  /** No attempt that was handed out can still have an effect on the run. */
  get isIdle(): boolean {
    for (const [id, dispatched] of this.dispatched) if (this.isOpen(id, dispatched)) return false;
    return true;
  }

  /** Hands out the attempts that are committed and due, and again those that nobody has begun for long. */
  dispatchOwed(now: number): void {
    if (this.host.isStopping) return;
    this.owed(now).forEach((call) => this.dispatch(call, now));
  }

  private dispatch(call: StepCall, now: number): void {
    const before = this.dispatched.get(call.id);
    const isSame = before?.attempt === call.attempt;
    if (isSame && (before.hasBegun || before.repeatAt > now)) return;
    // Its heartbeat may have run out just now: whether it was begun is to be looked at before it is handed out again.
    if (isSame && !before.isHere && this.areDue(now)) return;
    const times = isSame ? before.times + 1 : 1;
    const waitMs = Math.min(this.host.ports.options.recoveryIntervalMs * 2 ** (times - 1), LONGEST_WAIT_MS);
    const repeatAt = now + waitMs;
    const isHere = this.host.runsHere(nameOf(call.id));
    const since = isSame ? before.since : now;
    this.dispatched.set(call.id, { attempt: call.attempt, times, since, isHere, repeatAt, hasBegun: false });
    if (!isHere) this.lookAfterAt = Math.min(this.lookAfterAt, repeatAt);
    this.host.dispatch(this.taskOf(call), isSame);
  }

  /** Attempts in other processes are to be looked after. */
  areDue(now: number): boolean {
    return this.lookAfterAt <= now;
  }

  /**
   * Looks after the attempts that other processes were asked to run a while ago. Those that have a heartbeat are waited
   * for on; those that have none are due to be handed out again.
   *
   * @returns what the run is told of those whose heartbeat is old
   * @throws UnknownNameError if no process has known a step for long
   */
  async findLost(now: number): Promise<readonly EventDraft[]> {
    const elsewhere = [...this.dispatched].filter(([id, attempt]) => !attempt.isHere && this.isOpen(id, attempt));
    const due = elsewhere.filter(([, { repeatAt }]) => repeatAt <= now);
    const ids = due.map(([id]) => id);
    const beats = ids.length === 0 ? [] : await this.host.ports.store.heartbeats(this.run.runId, ids);
    const lost: EventDraft[] = [];
    for (const [id, dispatched] of due) {
      const beat = beats.find((one) => one.id === id);
      if (beat?.attempt !== dispatched.attempt) await this.checkIsKnown(nameOf(id), now - dispatched.since);
      else if (beat.until > now) dispatched.repeatAt = beat.until;
      else lost.push(...lostAttempt(this.host.ports, this.run.state, this.run.state.steps.get(id)!));
    }
    this.lookAfterAt = Math.min(...elsewhere.map(([, { repeatAt }]) => (repeatAt > now ? repeatAt : Infinity)));
    return lost;
  }

  private async checkIsKnown(step: string, waitedMs: number): Promise<void> {
    const { store, clock, options } = this.host.ports;
    if (waitedMs < options.unknownNameMs) return;
    const processes = await store.processes(clock.now());
    if (processes.some(({ steps }) => steps.includes(step))) return;
    throw unknownStep(step);
  }

  /** Tells the attempts of a call that other processes may run to stop. */
  cancel(id: string): void {
    if (!this.host.runsHere(nameOf(id))) this.host.abortElsewhere(this.run, id);
  }

  /** How many attempts are handed out that this process has not begun: they wait for their turn, or others run them. */
  get waitingCount(): number {
    let count = 0;
    for (const [id, dispatched] of this.dispatched) if (!dispatched.hasBegun && this.isOpen(id, dispatched)) count += 1;
    return count;
  }

  /** When an attempt that nobody has begun is to be looked after. */
  get repeatAt(): number | undefined {
    let earliest = Infinity;
    this.dispatched.forEach((dispatched, id) => {
      if (!dispatched.hasBegun && this.isOpen(id, dispatched)) earliest = Math.min(earliest, dispatched.repeatAt);
    });
    return earliest === Infinity ? undefined : earliest;
  }

  /** Notes that an attempt runs. @returns false if it must not: its message is a repetition, or comes too late */
  begin(id: string, attempt: number): boolean {
    const dispatched = this.dispatched.get(id);
    if (dispatched?.attempt !== attempt || dispatched.hasBegun || !this.isOpen(id, dispatched)) return false;
    dispatched.hasBegun = true;
    return true;
  }

  /** Forgets the attempts that have an outcome or are superseded, and tells those that still run to stop. */
  forgetSettled(): void {
    this.dispatched.forEach((dispatched, id) => {
      if (this.isOpen(id, dispatched)) return;
      this.dispatched.delete(id);
      this.host.abort(this.run.runId, id, 'The step call was cancelled, or superseded by another attempt.');
    });
  }

  /** Whether the outcome of an attempt still means something: it was not aborted, cancelled or superseded. */
  isRunning(id: string, attempt: number): boolean {
    const dispatched = this.dispatched.get(id);
    return dispatched?.attempt === attempt && dispatched.hasBegun;
  }

  /** The message of an attempt could not be sent: the next one need not wait for longer than this one does. */
  noteUnsent(id: string, attempt: number): void {
    const dispatched = this.dispatched.get(id);
    if (dispatched?.attempt === attempt) dispatched.times = 0;
  }

  /** Lets an attempt that nobody could run be handed out again. */
  takeBack(id: string): void {
    this.dispatched.delete(id);
  }

  abortAll(why: string): void {
    for (const id of this.dispatched.keys()) this.host.abort(this.run.runId, id, why);
    this.dispatched.clear();
  }

  /** Its call waits for it; and a run that was halted lets attempts end, and begins no more of them. */
  private isOpen(id: string, { attempt, hasBegun }: Dispatched): boolean {
    const call = this.run.state.steps.get(id);
    const isCurrent = call !== undefined && call.attempt === attempt && !call.exhausted;
    return isCurrent && (hasBegun || this.run.state.status === 'running');
  }

  private owed(now: number): readonly StepCall[] {
    const { state } = this.run;
    return state.status === 'running' ? state.owedSteps(now) : [];
  }

  private taskOf(call: StepCall): StepTask {
    const { run, host } = this;
    return {
      runId: run.runId,
      id: call.id,
      step: nameOf(call.id),
      attempt: call.attempt,
      failures: call.failures,
      lost: call.lost,
      sequence: call.sequence,
      payload: call.payload,
      ...(call.context === undefined ? undefined : { context: call.context }),
      workflow: run.state.started.workflow,
      tags: run.tags,
      owner: host.ports.options.owner,
      fence: run.fence,
    };
  }
}
