import {
  type ClaimedRun,
  type CommitResult,
  type HeldLease,
  type InboxDraft,
  type InboxNews,
  isEnded,
  type RunState,
  StoreError,
  type StepTask,
  TurnoverMap,
  WorkflowError,
} from '../core/index.js';
import { Admission, isAskedFor } from './admission.js';
import { AlarmHeap } from './alarm-heap.js';
import { IdleSessions } from './idle-sessions.js';
import { Limiter } from './limiter.js';
import type { EnginePorts } from './ports.js';
import type { WorkflowDefinition } from './registry.js';
import type { Session } from './session.js';
import type { HeldRun, SessionHost } from './session-host.js';
import type { RunEnd } from './result-waiters.js';
import { type RunStart, SessionLoader } from './session-loader.js';
import { StepDesk } from './step-desk.js';
import { RunHalter } from './run-halter.js';
import { SuspectLane } from './suspect-lane.js';

/** Greater than that of every attempt. */
const NO_MORE_ATTEMPTS = 2 ** 31 - 1;

/** How many runs are brought into memory at once. */
const LOADS_AT_ONCE = 50;

/** The runs that this process holds: brings them into memory, wakes them, lets them go. */
export class Activator implements SessionHost {
  readonly sessions = new TurnoverMap<string, Session>();
  readonly desk: StepDesk;
  readonly alarms: AlarmHeap;
  readonly suspects: SuspectLane;
  isStopping = false;
  private readonly loader: SessionLoader;
  private readonly halter: RunHalter;
  private readonly admission: Admission;
  private readonly idle: IdleSessions;
  private readonly loading = new Map<string, Load>();
  private readonly limiter = new Limiter(LOADS_AT_ONCE);
  /** How often a run could not be advanced, since it was last. */
  readonly failures = new Map<string, number>();

  /** @param tellEnd tells those who wait in this process how a run has ended */
  constructor(
    readonly ports: EnginePorts,
    private readonly tellEnd: (end: RunEnd) => void,
  ) {
    this.loader = new SessionLoader(this);
    this.halter = new RunHalter(ports, this.loader);
    this.admission = new Admission(ports, this.halter, (runId, wakeAt) => this.onReleased(runId, wakeAt));
    this.desk = new StepDesk(ports, this);
    this.alarms = new AlarmHeap(ports.clock, (runId) => this.onAlarm(runId));
    this.suspects = new SuspectLane(ports.clock, ports.options.leaseMs, (runId) => void this.load(runId));
    this.idle = new IdleSessions(ports, (runId) => this.sessions.get(runId));
  }

  /** Begins a run in this process. */
  async begin(definition: WorkflowDefinition, start: RunStart): Promise<CommitResult> {
    for (let held = this.sessions.get(start.runId); held; held = this.sessions.get(start.runId)) {
      await held.quiet();
      if (held.isStored) return { type: 'duplicate', runId: start.runId };
    }
    const { session, started } = this.loader.create(definition, start);
    this.sessions.set(start.runId, session);
    return session.begin(started);
  }

  /** Stores a run for others to begin. */
  store(definition: WorkflowDefinition, start: RunStart): Promise<CommitResult> {
    return this.ports.store.commit(this.loader.pending(definition, start));
  }

  /** There may be something for a run to go on with. */
  wake(runId: string): void {
    if (this.isStopping) return;
    this.ports.counters.onWake();
    const session = this.sessions.get(runId);
    const load = this.loading.get(runId);
    if (session) session.nudge();
    else if (load) load.nudged = true;
    else if (this.suspects.has(runId)) this.suspects.add(runId);
    else void this.load(runId);
  }

  private onAlarm(runId: string): void {
    const session = this.isStopping ? undefined : this.sessions.get(runId);
    if (!session) return this.wake(runId);
    this.ports.counters.onWake();
    session.onAlarm();
  }

  /** Hands a message to the run that it is for, if this process holds it still. @returns false if it has to be woken */
  take({ fence, message }: InboxNews): boolean {
    const session = this.sessions.get(message.runId);
    if (this.isStopping || session?.fence !== fence) return false;
    this.ports.counters.onWake();
    session.receive(message);
    return true;
  }

  /** What has waited for code that nobody knew goes on, if it is there now. */
  retryUnknown(): void {
    for (const runId of this.admission.waiting()) this.wake(runId);
    this.desk.retryUnknown();
  }

  /** Lets every run go that can be let go, and waits for those that are busy. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.alarms.stop();
    this.suspects.stop();
    this.idle.stop();
    await Promise.all([...this.loading.values()].map(({ done }) => done));
    await Promise.all([...this.sessions.values()].map((session) => session.quiet()));
  }

  /** Gives up what is still held: others go on with it at once. */
  async releaseAll(): Promise<void> {
    const handOver = (session: Session): Promise<void> =>
      session.handOver().catch((error: unknown) => {
        this.ports.logger.warn('a run could not be handed over; its lease will expire', {
          runId: session.runId,
          error,
        });
        session.close();
      });
    await Promise.all([...this.sessions.values()].map(handOver));
  }

  runsHere(stepName: string): boolean {
    return this.desk.runsHere(stepName);
  }

  dispatch(task: StepTask, isAgain: boolean): void {
    this.desk.dispatch(task, isAgain);
  }

  onMessage(draft: InboxDraft): void {
    this.desk.noteMessage(draft);
  }

  abort(runId: string, stepId: string, why: string): void {
    this.desk.executor.abort(runId, stepId, why);
  }

  abortElsewhere({ runId, state }: Pick<HeldRun, 'runId' | 'state'>, stepId: string): void {
    const { store, notifier, options, logger } = this.ports;
    notifier.publish({ type: 'step.aborted', runId, stepId });
    // A worker that does not hear of it is told when its heartbeat is refused, as it is anyway once the run has ended.
    if (isEnded(state.status)) return;
    const beat = { runId, id: stepId, attempt: NO_MORE_ATTEMPTS, worker: options.owner, until: 0 };
    store.heartbeat([beat]).catch((error: unknown) => {
      logger.warn('a step that was cancelled could not be told so, and runs to its end', { runId, stepId, error });
    });
  }

  isWorthReleasing(run: HeldRun, nextDueAt: number | undefined): boolean {
    const { clock, options } = this.ports;
    const comesSoon = nextDueAt !== undefined && nextDueAt - clock.now() <= options.sessionIdleMs;
    const mayComeAnyTime = run.state.hooks.size > 0;
    return !(comesSoon || mayComeAnyTime) || this.sessions.size > options.maxSessions;
  }

  onParked(run: HeldRun, nextDueAt: number | undefined): void {
    this.failures.delete(run.runId);
    if (nextDueAt === undefined) this.alarms.clear(run.runId);
    else this.alarms.set(run.runId, nextDueAt);
    if (!run.isIdle) return this.idle.delete(run.runId);
    this.suspects.clear(run.runId);
    this.idle.add(run.runId);
  }

  onProven(runId: string): void {
    this.suspects.clear(runId);
  }

  onEnded({ runId, started: { workflow }, status, result }: RunState): void {
    this.failures.delete(runId);
    this.tellEnd({ runId, workflow, status, ...(status === 'completed' ? { output: result } : { error: result }) });
    this.ports.notifier.publish({ type: 'run.ended', runId });
  }

  onReleased(runId: string, wakeAt: number | undefined): void {
    const { clock, options, queue } = this.ports;
    // Those who go on with it need not wait for their sweep, and find it at the next if they do not hear of it.
    if (this.isStopping && wakeAt !== undefined && wakeAt <= clock.now()) queue.wake(runId).catch(() => {});
    if (wakeAt !== undefined && wakeAt <= clock.now() + 2 * options.recoveryIntervalMs) this.alarms.set(runId, wakeAt);
    else this.alarms.clear(runId);
  }

  onClosed(run: HeldRun): void {
    const session = this.sessions.get(run.runId);
    if (session !== run) return;
    this.sessions.delete(run.runId);
    this.idle.delete(run.runId);
    // A run that could not be begun, since it was there before, keeps its alarm.
    if (session.isStored) this.alarms.clear(run.runId);
    this.suspects.clear(run.runId);
  }

  onFailed(runId: string, error: unknown): void {
    if (isAboutTheRun(error)) this.blockUnreadable(runId, error).catch((again: unknown) => this.tryLater(runId, again));
    else this.tryLater(runId, error);
  }

  private tryLater(runId: string, error: unknown): void {
    const { clock, logger, options } = this.ports;
    const failures = (this.failures.get(runId) ?? 0) + 1;
    this.failures.set(runId, failures);
    const backoff = Math.min(options.recoveryIntervalMs, 100 * 2 ** failures);
    logger.error(`run ${runId} could not be advanced and goes on from its last commit in ${backoff} ms`, {
      runId,
      error,
    });
    this.alarms.set(runId, clock.now() + backoff);
  }

  /** The leases of the runs in memory, and of those on their way there. */
  *leases(): Iterable<HeldLease> {
    const { owner } = this.ports.options;
    for (const { runId, fence, isStored } of this.sessions.values()) if (isStored) yield { runId, owner, fence };
    for (const [runId, { fence }] of this.loading)
      if (fence !== undefined && !this.sessions.has(runId)) yield { runId, owner, fence };
  }

  /** Another process has the run, or it has ended. */
  onLeaseLost({ runId, fence }: HeldLease): void {
    const session = this.sessions.get(runId);
    if (session?.fence === fence) session.onLeaseLost();
  }

  /** Takes a run and brings it into memory, unless somebody else has it. */
  async load(runId: string): Promise<void> {
    if (this.isStopping || this.sessions.has(runId) || this.loading.has(runId)) return;
    const load: Load = { nudged: false, done: Promise.resolve() };
    this.loading.set(runId, load);
    load.done = this.limiter
      .run(() => this.claimAndLoad(runId, load))
      .catch((error: unknown) => this.onFailed(runId, error))
      .then(() => {
        this.loading.delete(runId);
        const session = this.sessions.get(runId);
        if (!session) this.suspects.clear(runId);
        else if (load.nudged) session.nudge();
        else session.wake();
      });
    await load.done;
  }

  private async claimAndLoad(runId: string, load: Load): Promise<void> {
    if (this.isStopping) return;
    const claimed = await this.claim(runId);
    if (!claimed) return void this.failures.delete(runId); // it is somebody else's concern now, or has ended
    load.fence = claimed.run.fence;
    const definition = await this.admission.admit(claimed);
    if (!definition) return;
    try {
      const session = await this.loader.load(claimed, definition);
      this.sessions.set(runId, session);
      // Its code fits again, or is here again: a deploy has brought it.
      if (claimed.run.status === 'blocked' && !isAskedFor(claimed)) session.post({ type: 'workflow.resumed' });
    } catch (error) {
      if (!isAboutTheRun(error)) throw error; // again later
      await this.halter.block(claimed, error);
    }
  }

  private claim(runId: string): Promise<ClaimedRun | undefined> {
    const { store, clock, options } = this.ports;
    const now = clock.now();
    return store.claim({ runId, owner: options.owner, now, until: now + options.leaseMs });
  }

  private async blockUnreadable(runId: string, error: WorkflowError): Promise<void> {
    const claimed = await this.claim(runId);
    if (claimed) await this.halter.block(claimed, error);
  }
}

/** Its code or its history is at fault, so that trying again would not help. */
function isAboutTheRun(error: unknown): error is WorkflowError {
  return error instanceof WorkflowError && !(error instanceof StoreError);
}

interface Load {
  /** Of its claim. A replay may take longer than a lease. */
  fence?: number;
  /** A wake came in the meantime: its message may be younger than the claim. */
  nudged: boolean;
  done: Promise<void>;
}
