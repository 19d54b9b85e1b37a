import {
  type AttemptCounts,
  type EventDraft,
  type HistoryEvent,
  type HookAttributes,
  hooksClosedAt,
  type Payload,
  type StartAttributes,
} from './history-event.js';
import { RareMap } from './rare-map.js';
import { isEnded, type RunStatus } from './run-record.js';
import { SupersededEvents } from './superseded-events.js';

/** A step call without an outcome. */
export interface StepCall {
  readonly id: string;
  /** Sequence of its `step.scheduled`. */
  readonly sequence: number;
  readonly payload: Payload;
  /** What the workflow had set for its steps to read. */
  readonly context: Payload | undefined;
  /** The attempt that is due, running or awaited; counts from 1. */
  attempt: number;
  /** Attempts that failed, which the retry policy counts. */
  failures: number;
  /** Attempts that vanished with their process. */
  lost: number;
  /** When the attempt may begin. */
  retryAt?: number;
  /** Waits for a person, not for an attempt. */
  exhausted: boolean;
}

export interface OpenHook extends HookAttributes {
  readonly id: string;
}

/**
 * What a history says is open: step calls, timers, hooks, requests.
 *
 * It is the sum of its events and of nothing else, so a replay arrives at the state of the process that wrote them.
 */
export class RunState {
  sequence = 0;
  at = 0;
  startedAt = 0;
  status: RunStatus = 'running';
  /** Why the run is blocked or paused. */
  reason: string | undefined;
  started!: StartAttributes;
  input!: Payload;
  /** The output, or the error, of a run that has ended. */
  result: Payload | undefined;
  readonly steps = new Map<string, StepCall>();
  readonly timers = new RareMap<string, number>();
  readonly hooks = new RareMap<string, OpenHook>();
  cancelRequested = false;
  timedOut = false;
  readonly superseded = new SupersededEvents();

  constructor(readonly runId: string) {}

  /** How many events the history holds. */
  get held(): number {
    return this.sequence - this.superseded.gone;
  }

  /** Gives a draft its place at the end of the history. The event takes effect with `apply`. */
  place(draft: EventDraft, now: number): HistoryEvent {
    // V8 copies an object of any of many shapes six times faster behind other properties than before them.
    return { sequence: this.sequence + 1, at: Math.max(now, this.at), ...draft } as HistoryEvent;
  }

  apply(event: HistoryEvent): void {
    this.sequence = event.sequence;
    this.at = event.at;
    this.superseded.apply(event);
    this.applyToSteps(event);
  }

  /** Events of steps are by far the most, so the others are looked at behind them. */
  private applyToSteps(event: HistoryEvent): void {
    switch (event.type) {
      case 'step.scheduled': {
        const { id, sequence, payload, attributes } = event;
        const context = attributes?.context;
        this.steps.set(id, { id, sequence, payload, context, attempt: 1, failures: 0, lost: 0, exhausted: false });
        return;
      }
      case 'step.completed':
      case 'step.failed':
      case 'step.cancelled':
        this.steps.delete(event.id);
        return;
      case 'step.retrying':
        return this.nextAttempt(event.id, event.attributes.retryAt, 'failures');
      case 'step.lost':
        return this.nextAttempt(event.id, undefined, event.attributes.handedBack ? undefined : 'lost');
      case 'step.exhausted':
        return this.exhaust(event.id);
      case 'history.compacted':
        for (const [id, counts] of Object.entries(event.attributes.calls)) this.countAttempts(id, counts);
        return;
      default:
        return this.applyToWaits(event);
    }
  }

  private applyToWaits(event: HistoryEvent): void {
    switch (event.type) {
      case 'sleep.started':
        this.timers.set(event.id, event.attributes.fireAt);
        return;
      case 'sleep.completed':
      case 'sleep.cancelled':
        this.timers.delete(event.id);
        return;
      case 'hook.created':
        this.hooks.set(event.id, { id: event.id, ...event.attributes });
        return;
      case 'hook.received':
        if (!this.hooks.get(event.id)?.multiple) this.hooks.delete(event.id);
        return;
      case 'hook.expired':
      case 'hook.conflicted':
      case 'hook.closed':
        this.hooks.delete(event.id);
        return;
      case 'checkpoint.saved':
        for (const id of hooksClosedAt(event)) this.hooks.delete(id);
        return;
      default:
        return this.applyToRun(event);
    }
  }

  private applyToRun(event: HistoryEvent): void {
    switch (event.type) {
      case 'workflow.started':
        this.started = event.attributes;
        this.startedAt = event.at;
        this.input = event.payload;
        return;
      case 'workflow.cancel_requested':
        this.cancelRequested = true;
        if (this.status === 'paused') this.resume();
        return;
      case 'workflow.timed_out':
        this.timedOut = true;
        return;
      case 'workflow.blocked':
        return this.halt('blocked', event.attributes.reason);
      case 'workflow.paused':
        return this.halt('paused', event.attributes.reason);
      case 'workflow.resumed':
        return this.resume();
      case 'workflow.completed':
        return this.end('completed', event.payload);
      case 'workflow.failed':
        return this.end('failed', event.payload);
      case 'workflow.cancelled':
        return this.end('cancelled', event.payload);
    }
  }

  /** Whether a message still means something: a superseded attempt, a settled hook, a second request do not. */
  accepts(draft: EventDraft): boolean {
    if (isEnded(this.status)) return false;
    switch (draft.type) {
      case 'step.completed':
      case 'step.failed':
      case 'step.retrying':
      case 'step.lost':
      case 'step.exhausted': {
        const call = this.steps.get(draft.id);
        return call !== undefined && !call.exhausted && call.attempt === draft.attributes.attempt;
      }
      case 'sleep.completed':
        return this.timers.has(draft.id);
      case 'hook.received':
      case 'hook.expired':
        return this.hooks.has(draft.id);
      case 'workflow.cancel_requested':
        // Whoever cancels a run again that was paused in its clean-up, gives the clean-up up.
        return !this.cancelRequested || this.status === 'paused';
      case 'workflow.timed_out':
        return !this.timedOut && !this.cancelRequested;
      case 'workflow.resumed':
        return this.status === 'blocked' || this.status === 'paused';
      default:
        return true;
    }
  }

  /** Step calls whose next attempt may begin. */
  owedSteps(now: number): StepCall[] {
    const owed: StepCall[] = [];
    for (const call of this.steps.values()) if (!call.exhausted && (call.retryAt ?? 0) <= now) owed.push(call);
    return owed;
  }

  private nextAttempt(id: string, retryAt: number | undefined, counter: 'failures' | 'lost' | undefined): void {
    const call = this.steps.get(id);
    if (!call) return;
    call.attempt += 1;
    if (counter) call[counter] += 1;
    call.retryAt = retryAt;
  }

  private countAttempts(id: string, { failures, lost, handedBack }: AttemptCounts): void {
    const call = this.steps.get(id);
    if (!call) return;
    call.attempt += failures + lost + handedBack;
    call.failures += failures;
    call.lost += lost;
  }

  private exhaust(id: string): void {
    const call = this.steps.get(id);
    if (call) call.exhausted = true;
    this.halt('paused', `step ${id} has failed in all its attempts and asks for a person`);
  }

  private halt(status: 'blocked' | 'paused', reason: string): void {
    this.status = status;
    this.reason = reason;
  }

  private resume(): void {
    this.status = 'running';
    this.reason = undefined;
    for (const call of this.steps.values()) {
      if (!call.exhausted) continue;
      call.exhausted = false;
      call.attempt += 1;
      call.failures = 0;
      call.retryAt = undefined;
    }
  }

  private end(status: RunStatus, result: Payload): void {
    this.status = status;
    this.reason = undefined;
    this.result = result;
    this.steps.clear();
    this.timers.clear();
    this.hooks.clear();
  }
}
