import {
  type Commit,
  type CommitResult,
  type HeldLease,
  type HistoryEvent,
  type HookDelivery,
  type HookDeliveryResult,
  isEnded,
  type RunRecord,
  type RunStatus,
  type WorkflowStore,
} from '../../core/index.js';
import type { StepContext } from '../../runtime/index.js';
import { compactionFault } from './check-compaction.js';
import type { HookPayload } from './run-program.js';
import type { Trace } from './trace.js';

/** What the outside of the engine knows of a run: every effect, in the order in which it was had. */
export interface RunLedger {
  readonly runId: string;
  readonly events: HistoryEvent[];
  status: RunStatus;
  /** Why it is blocked or paused. */
  reason?: string | undefined;
  holder: { readonly owner: string; readonly fence: number } | undefined;
  readonly calls: Map<string, CallLedger>;
  /** The ids of deliveries that were accepted, by hook. */
  readonly accepted: Map<string, string[]>;
}

interface CallLedger {
  /** The attempt that is due, by what is committed. */
  attempt: number;
  /** When it may begin, by the clock of the process that wrote so. */
  retryAt: number;
  isSettled: boolean;
  isExhausted: boolean;
  /** Who wrote the outcome. */
  settledBy?: string;
  /** Attempts that have begun, each with who had the run then. */
  readonly begun: Set<string>;
}

/** A process that begins an attempt. */
export interface Beginner {
  readonly owner: string;
  /** It runs steps of runs that others hold. */
  readonly isWorker: boolean;
  /** Its time; undefined if clocks are not right in this world. */
  readonly now: number | undefined;
}

/** Keeps book of what happens in the store and in steps, and says so at once if it should not. */
export class Ledger {
  readonly runs = new Map<string, RunLedger>();
  private readonly kills = new Map<string, number>();
  onHookCreated: (runId: string, id: string, token: string) => void = () => {};

  constructor(
    private readonly trace: Trace,
    private readonly store: WorkflowStore,
    private readonly decode: (payload: string) => unknown,
  ) {}

  async onCommit(owner: string, commit: Commit, result: CommitResult): Promise<void> {
    this.trace.note(`${owner} has ${result.type} ${commit.runId} ${commit.events.map(showEvent).join(', ')}`);
    if (result.type !== 'committed') return;
    const run = this.runs.get(commit.runId) ?? this.create(owner, commit);
    if (run.holder?.owner !== owner || run.holder.fence !== commit.fence)
      this.trace.violate(`${owner} has written to ${commit.runId} with the stale fence ${commit.fence}`);
    for (const event of commit.events) this.onEvent(owner, run, event);
    if (commit.compacts) await this.checkCompacted(run);
    run.status = commit.run.status;
    run.reason = commit.run.reason;
    for (const hook of commit.opensHooks)
      if (hook.status === 'open') this.onHookCreated(commit.runId, hook.id, hook.token);
    if (!result.released) return;
    run.holder = undefined;
    await this.checkReleased(commit.runId);
  }

  onClaim(owner: string, { runId, fence }: RunRecord): void {
    const run = this.runs.get(runId);
    if (!run) return this.trace.violate(`${owner} has claimed ${runId}, which nobody has started`);
    this.trace.note(`${owner} has claimed ${runId} with fence ${fence}`);
    run.holder = { owner, fence };
  }

  async onReleases(releases: readonly HeldLease[], held: readonly string[]): Promise<void> {
    for (const { runId, owner, fence } of releases) {
      const run = this.runs.get(runId);
      if (held.includes(runId) || run?.holder?.owner !== owner || run.holder.fence !== fence) continue;
      run.holder = undefined;
      await this.checkReleased(runId);
    }
  }

  onDelivery({ deliveryId }: HookDelivery, result: HookDeliveryResult): void {
    this.trace.note(`delivery ${deliveryId} is ${result.type}`);
    if (result.type !== 'delivered') return;
    const accepted = this.runs.get(result.runId)!.accepted;
    accepted.set(result.hookId, [...(accepted.get(result.hookId) ?? []), deliveryId]);
  }

  onAttempt({ owner, isWorker, now }: Beginner, { runId, stepId, attempt }: StepContext): void {
    this.trace.note(`${owner} begins attempt ${attempt} of ${runId} ${stepId}`);
    const run = this.runs.get(runId);
    const call = run?.calls.get(stepId);
    if (!run || !call)
      return this.trace.violate(`${owner} runs ${runId} ${stepId} before its step.scheduled is committed`);
    // A process that has lost the run, and does not know it yet, is excused.
    if (call.isSettled && (call.settledBy === owner || run.holder?.owner === owner))
      this.trace.violate(`${owner} runs ${runId} ${stepId} again, although its outcome is committed`);
    if (isWorker) this.beginOnce(call, `attempt ${attempt} of ${runId} ${stepId}`);
    if (call.isSettled || run.holder?.owner !== owner) return;
    if (attempt !== call.attempt)
      this.trace.violate(`${owner} runs attempt ${attempt} of ${runId} ${stepId}, and attempt ${call.attempt} is due`);
    if (now !== undefined && now < call.retryAt)
      this.trace.violate(`${owner} runs attempt ${attempt} of ${runId} ${stepId} ${call.retryAt - now} ms early`);
    const attemptUnderLease = `${attempt} under ${run.holder.fence}`;
    if (call.begun.has(attemptUnderLease))
      this.trace.violate(`${owner} runs attempt ${attempt} of ${runId} ${stepId} twice under one lease`);
    call.begun.add(attemptUnderLease);
  }

  /** Of all workers one begins an attempt, and that once. */
  private beginOnce(call: CallLedger, attempt: string): void {
    if (call.begun.has(attempt)) this.trace.violate(`${attempt} is begun a second time`);
    call.begun.add(attempt);
  }

  /** Counts the attempts of a step call that kill their process. */
  countKills(call: string): number {
    const count = (this.kills.get(call) ?? 0) + 1;
    this.kills.set(call, count);
    return count;
  }

  onNotice(runId: string): void {
    if (!isEnded(this.runs.get(runId)?.status ?? 'running'))
      this.trace.violate(`${runId} is said to have ended before that is committed`);
  }

  private create(owner: string, { runId, fence }: Commit): RunLedger {
    const run: RunLedger = {
      runId,
      events: [],
      status: 'running',
      holder: { owner, fence },
      calls: new Map(),
      accepted: new Map(),
    };
    this.runs.set(runId, run);
    return run;
  }

  private onEvent(owner: string, run: RunLedger, event: HistoryEvent): void {
    const last = run.events.at(-1);
    if (event.sequence !== (last?.sequence ?? 0) + 1)
      this.trace.violate(`${run.runId} has event ${event.sequence} behind event ${last?.sequence}`);
    if (event.at < (last?.at ?? 0)) this.trace.violate(`${run.runId} goes back in time with event ${event.sequence}`);
    if (isEnded(run.status)) this.trace.violate(`${run.runId} goes on after its end with ${event.type}`);
    run.events.push(event);
    // A run that waits for a person goes on when it is cancelled, with what is shielded in it.
    const goesOn = event.type === 'workflow.resumed' || event.type === 'workflow.cancel_requested';
    if (goesOn) for (const call of run.calls.values()) resume(call);
    if (event.type.startsWith('step.')) this.onStepEvent(owner, run, event as StepEvent);
  }

  private onStepEvent(owner: string, run: RunLedger, event: StepEvent): void {
    if (event.type === 'step.scheduled') {
      run.calls.set(event.id, { attempt: 1, retryAt: 0, isSettled: false, isExhausted: false, begun: new Set() });
      return;
    }
    const call = run.calls.get(event.id);
    if (!call || call.isSettled)
      return this.trace.violate(`${run.runId} has ${event.type} ${event.id} behind its outcome`);
    if ('attributes' in event && event.attributes.attempt !== call.attempt)
      this.trace.violate(
        `${run.runId} has ${event.type} ${event.id} of attempt ${event.attributes.attempt} instead of ${call.attempt}`,
      );
    if (event.type === 'step.exhausted') call.isExhausted = true;
    else if (event.type === 'step.retrying' || event.type === 'step.lost') {
      call.attempt += 1;
      call.retryAt = event.type === 'step.retrying' ? event.attributes.retryAt : 0;
    } else {
      call.isSettled = true;
      call.settledBy = owner;
    }
  }

  /** What is left must say the same, to whoever goes on with the run from here. */
  private async checkCompacted({ runId, events }: RunLedger): Promise<void> {
    const fault = compactionFault(await this.stored(runId), events);
    if (fault) this.trace.violate(`${runId} was compacted: ${fault}`);
  }

  /** A lease may be given up only in the statement that finds the inbox empty. */
  private async checkReleased(runId: string): Promise<void> {
    const run = await this.store.runs.get(runId);
    if (!run || isEnded(run.status) || run.status === 'blocked' || run.status === 'paused') return;
    const inbox = await this.store.inbox(runId);
    if (inbox.length > 0)
      this.trace.violate(`${runId} is given up with ${inbox.map(({ key }) => key).join()} in its inbox`);
  }

  /** What the store has of a history. */
  stored(runId: string): Promise<readonly HistoryEvent[]> {
    return this.store.events.load(runId, 0, Infinity);
  }

  /** The delivery ids of the payloads that a hook of a run has received. */
  received(run: RunLedger, hookId: string): readonly string[] {
    return run.events.flatMap((event) =>
      event.type === 'hook.received' && event.id === hookId
        ? [(this.decode(event.payload) as HookPayload).deliveryId]
        : [],
    );
  }
}

type StepEvent = Extract<HistoryEvent, { type: `step.${string}` }>;

function resume(call: CallLedger): void {
  if (!call.isExhausted) return;
  call.isExhausted = false;
  call.attempt += 1;
  call.retryAt = 0;
}

function showEvent(event: HistoryEvent): string {
  return `${event.sequence}:${event.type}${'id' in event ? ` ${event.id}` : ''}`;
}
