import {
  type CommitResult,
  type EventDraft,
  type Execution,
  type HistoryEvent,
  type InboxMessage,
  isEnded,
  type RunState,
} from '../core/index.js';
import { CommitWriter, type Written } from './commit-writer.js';
import { HeldCode } from './held-code.js';
import { LeaseTerms } from './lease-terms.js';
import { OpenAttempts } from './open-attempts.js';
import { OrdinaryWait } from './ordinary-wait.js';
import { consumptionOf, Pending, type PendingDraft } from './pending.js';
import type { EnginePorts } from './ports.js';
import type { HeldRun, SessionHost, SessionStart } from './session-host.js';

/**
 * A run held in memory under its lease, so that its next activation needs no replay.
 *
 * S1. One thing at a time: what comes during an activation or a commit waits for the next.
 * S2. What the code decides on an outcome is committed together with it, before any of it has an effect.
 * S3. A hook's expiry is committed before the code sees it, since a delivery may contest it.
 * S4. A refused commit kills the execution: whoever holds the run now goes on from the last commit.
 * S5. The inbox is read once in a recovery interval, however busy the run is: the wake of a message may be lost.
 */
export class Session implements HeldRun {
  readonly state: RunState;
  readonly execution: Execution;
  readonly tags: readonly string[];
  readonly fence: number;
  readonly attempts: OpenAttempts;
  readonly ordinaryWait: OrdinaryWait;
  private readonly pending: Pending;
  private readonly ports: EnginePorts;
  private readonly code: HeldCode;
  private readonly writer: CommitWriter;
  private readonly terms: LeaseTerms;
  private inboxIsDirty = false;
  private inboxReadAt: number;
  private working: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly host: SessionHost,
    start: SessionStart,
  ) {
    this.ports = host.ports;
    this.state = start.state;
    this.execution = start.execution;
    this.code = new HeldCode(host.ports, start.state, start.execution, () => this.wake());
    this.tags = start.tags;
    this.fence = start.fence;
    this.writer = new CommitWriter(host.ports, start.state, start.fence, start.recoveryAttempts, start.create);
    this.attempts = new OpenAttempts(host, this);
    this.ordinaryWait = new OrdinaryWait(host.ports, start);
    this.terms = new LeaseTerms(host, this);
    this.pending = new Pending(start.inbox);
    this.inboxReadAt = host.ports.clock.now();
  }

  get runId(): string {
    return this.state.runId;
  }

  get isIdle(): boolean {
    return this.attempts.isIdle;
  }

  /** Its first commit is written. */
  get isStored(): boolean {
    return this.writer.hasCreated;
  }

  /** Takes the outcome of an attempt that ran in this process. */
  post(draft: EventDraft): void {
    this.pending.add({ at: this.ports.clock.now(), draft });
    this.wake();
  }

  /** Takes a message of the inbox. It has come behind all that this session has not seen. */
  receive(message: InboxMessage): void {
    this.pending.addInbox([message]);
    this.wake();
  }

  /** The time has come that it waits for. */
  onAlarm(): void {
    if (this.terms.mayHaveMail(this.ports.clock.now(), this.inboxReadAt)) this.nudge();
    else this.wake();
  }

  /** There may be something in the inbox. */
  nudge(): void {
    this.inboxIsDirty = true;
    this.wake();
  }

  /** Goes on, if there is anything to go on with. */
  wake(): void {
    if (this.closed || this.working) return;
    try {
      const work = this.next();
      if (work) this.workOn(work, (error) => this.fail(error));
      else this.park();
    } catch (error) {
      this.fail(error);
    }
  }

  /** What comes meanwhile waits. */
  private workOn(work: Promise<unknown>, onError: (error: unknown) => void): void {
    const goOn = (): void => {
      this.working = undefined;
      this.wake();
    };
    this.working = work.then(goOn, (error: unknown) => {
      onError(error);
      goOn();
    });
  }

  private fail(error: unknown): void {
    this.close();
    this.host.onFailed(this.runId, error);
  }

  /** Resolves when it has nothing to do. */
  async quiet(): Promise<void> {
    while (this.working) await this.working;
  }

  /** Lets a new run go on to its first wait, and stores it. */
  begin(started: HistoryEvent): Promise<CommitResult> {
    const stored = this.code.activate([], (events) => this.commit([started, ...events], []));
    this.workOn(stored, () => this.close()); // whoever starts it is told why
    return stored;
  }

  /** Gives the run up, if it waits. */
  async release(): Promise<void> {
    if (!this.closed && !this.working && this.attempts.isIdle && this.terms.isWaiting) await this.giveUp();
  }

  /** Gives the run up because the process stops: attempts that still run are told to stop, and run again elsewhere. */
  async handOver(): Promise<void> {
    await this.quiet();
    this.attempts.abortAll('The process is stopping.');
    for (let tries = 0; tries < HAND_OVER_TRIES && !this.closed; tries++) {
      await this.giveUp();
      await this.quiet();
    }
    this.close();
  }

  /** Gives up the lease; the run is held still if its inbox holds something, and goes on with that. */
  private async giveUp(): Promise<void> {
    const { store, clock, options } = this.ports;
    const wakeAt = this.terms.isWaiting ? this.terms.alarm(clock.now()) : clock.now();
    const release = { runId: this.runId, owner: options.owner, fence: this.fence, wakeAt };
    const released = store.release([release]).then((held) => {
      if (held.length === 0) this.letGo(wakeAt);
      else this.inboxIsDirty = true;
    });
    this.workOn(released, () => {}); // the caller is told; what came meanwhile goes on, also if the store has failed
    await released;
  }

  /** Another process has the run, or this one has just given it up: then what is under way tells. */
  onLeaseLost(): void {
    if (this.working) return;
    this.ports.counters.onFenced();
    this.close();
  }

  /** Somebody else has the run, or has had it before this process could begin it. */
  private giveWay(): void {
    this.close();
    if (this.inboxIsDirty) this.host.wake(this.runId);
  }

  /** The run is given up in the store: whatever comes from now on, be it after an ordinary await, asks for it again. */
  private letGo(wakeAt = this.terms.alarm(this.ports.clock.now())): void {
    const hasNews = this.inboxIsDirty || !this.pending.isEmpty || this.code.hasAsked;
    this.close(() => this.host.wake(this.runId));
    this.host.onReleased(this.runId, wakeAt);
    if (hasNews) this.host.wake(this.runId);
  }

  /** Lets go of the run in memory. What was not committed never happened. */
  close(onLateCommand?: () => void): void {
    if (this.closed) return;
    this.closed = true;
    this.code.leave(onLateCommand);
    this.attempts.abortAll('This process has lost the run.');
    this.host.onClosed(this);
  }

  /** @returns nothing if the run waits */
  private next(): Promise<unknown> | undefined {
    const now = this.ports.clock.now();
    if (this.inboxIsDirty) return this.readInbox();
    if (this.attempts.areDue(now)) return this.lookAfterAttempts();
    const { drafts, disputed } = this.pending.take(this.state, now);
    if (disputed) return this.settleDisputed(disputed);
    if (drafts.length > 0 || this.code.hasAsked) return this.advance(drafts);
    const end = this.ordinaryWait.lapse(now);
    return end.length === 0 ? undefined : this.commit(end, []);
  }

  private park(): void {
    const now = this.ports.clock.now();
    this.attempts.dispatchOwed(now);
    this.host.onParked(this, this.terms.nextLookAt(now, this.inboxReadAt));
  }

  private async readInbox(): Promise<void> {
    this.inboxIsDirty = false;
    this.inboxReadAt = this.ports.clock.now();
    const inbox = await this.ports.store.inbox(this.runId);
    for (const { draft } of inbox) this.host.onMessage(draft);
    this.pending.addInbox(inbox);
  }

  private async lookAfterAttempts(): Promise<void> {
    const lost = await this.attempts.findLost(this.ports.clock.now());
    if (lost.length === 0) return;
    // An outcome that has come without a wake beats the loss of its process.
    await this.readInbox();
    for (const draft of lost) this.pending.add({ at: Infinity, draft });
  }

  private advance(taken: readonly PendingDraft[]): Promise<CommitResult> {
    for (const { draft } of taken) if (!this.state.accepts(draft)) this.ports.counters.onStale();
    const drafts = taken.map(({ draft }) => draft);
    return this.code.activate(drafts, (events) => this.commit(events, taken));
  }

  /** An outcome that somebody else may contest: committed first, seen by the code after. */
  private async settleDisputed(taken: PendingDraft): Promise<void> {
    const before = this.code.hasAsked ? await this.code.activate([], (events) => events) : [];
    if (isEnded(this.state.status)) return void (await this.commit(before, []));
    const event = this.state.place(taken.draft, this.ports.clock.now());
    const result = await this.commit([...before, event], [taken]);
    if (result.type !== 'hook_settled') return;
    this.inboxIsDirty = true;
    if (before.length > 0) await this.commit(before, []);
  }

  /**
   * Writes events, the last of which the state may not have seen yet, and acts on what the store says.
   *
   * @param taken what they come from
   */
  private commit(events: readonly HistoryEvent[], taken: readonly PendingDraft[]): Promise<CommitResult> {
    const consumption = consumptionOf(taken);
    if (events.length === 0 && consumption.consumes.length === 0) return NOTHING_TO_WRITE;
    const lease = this.terms.change(!this.hasSeen(events) || this.inboxIsDirty || !this.pending.isEmpty);
    const isExecuting = this.attempts.isExecuting(this.ports.clock.now());
    return this.writer.write({ events, consumption, lease, isExecuting }, (written) => {
      if (written.result.type !== 'committed') return this.answered(written);
      this.pending.forget(consumption.forgets);
      // Disputed outcomes are at the end, and neither the state nor the code has seen them.
      if (this.closed || this.hasSeen(written.events)) return this.answered(written);
      return this.code.show(written.events).then(() => this.answered(written));
    });
  }

  private answered({ result, events, gotOn }: Written): CommitResult {
    if (result.type === 'committed') this.afterCommit(events, result.released);
    else if (result.type !== 'hook_settled') this.giveWay();
    if (gotOn) this.host.onProven(this.runId);
    return result;
  }

  private hasSeen(events: readonly HistoryEvent[]): boolean {
    return (events.at(-1)?.sequence ?? 0) <= this.state.sequence;
  }

  private afterCommit(events: readonly HistoryEvent[], released: boolean): void {
    if (this.closed) return;
    for (const event of events) if (event.type === 'step.cancelled') this.attempts.cancel(event.id);
    this.attempts.forgetSettled();
    if (isEnded(this.state.status)) {
      this.close();
      this.host.onEnded(this.state);
    } else if (released) {
      this.letGo();
    } else {
      this.attempts.dispatchOwed(this.ports.clock.now());
    }
  }
}

const NOTHING_TO_WRITE = Promise.resolve({ type: 'committed', released: false } as const);

/** How often a stopping process tries to give up a run whose inbox fills meanwhile. */
const HAND_OVER_TRIES = 3;
