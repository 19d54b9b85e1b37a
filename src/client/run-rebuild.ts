import type { CheckpointAttributes, HistoryCompacted } from '../../libs/core/index.js';
import type { RunEvent } from './run-event.js';
import type { CheckpointSnapshot, HookSnapshot, RunSnapshot, StepSnapshot, TimerSnapshot } from './run-snapshot.js';

type Attempts = HistoryCompacted['attributes']['calls'][string];
type RunFacts = Omit<RunSnapshot, 'steps' | 'timers' | 'hooks' | 'sideEffects' | 'checkpoints'>;

/** What a run has come to, event by event. What it has handed out does not change any more. */
export class RunRebuild {
  private run: RunFacts = { sequence: 0, status: 'pending', isCancelRequested: false, isTimedOut: false };
  private readonly steps = new Map<string, StepSnapshot>();
  private readonly timers = new Map<string, TimerSnapshot>();
  private readonly hooks = new Map<string, HookSnapshot>();
  private readonly sideEffects: unknown[] = [];
  private readonly checkpoints = new Map<string, CheckpointSnapshot>();

  apply(event: RunEvent): void {
    this.run = { ...this.run, sequence: event.sequence, at: event.at };
    const [subject] = event.type.split('.');
    if (subject === 'step') this.applyToStep(event);
    else if (subject === 'sleep') this.applyToTimer(event);
    else if (subject === 'hook') this.applyToHook(event);
    else if (subject === 'side_effect') this.sideEffects.push(event.data);
    else if (subject === 'checkpoint') this.applyCheckpoint(event);
    else if (subject === 'history') this.countAttempts(event.attributes['calls'] as Readonly<Record<string, Attempts>>);
    else this.applyToRun(event);
  }

  snapshot(): RunSnapshot {
    return {
      ...this.run,
      steps: [...this.steps.values()],
      timers: [...this.timers.values()],
      hooks: [...this.hooks.values()],
      sideEffects: [...this.sideEffects],
      checkpoints: [...this.checkpoints.values()],
    };
  }

  private applyToRun({ type, data, attributes }: RunEvent): void {
    switch (type) {
      case 'workflow.started': {
        const { workflow, version, deadline } = attributes as Pick<RunSnapshot, 'workflow' | 'version' | 'deadline'>;
        return this.change({ status: 'running', args: data, workflow, version, ...(deadline && { deadline }) });
      }
      case 'workflow.completed':
        return this.end({ status: 'completed', output: data });
      case 'workflow.failed':
        return this.end({ status: 'failed', error: data });
      case 'workflow.cancelled':
        return this.end({ status: 'cancelled', error: data });
      case 'workflow.blocked':
        return this.change({ status: 'blocked', reason: attributes['reason'] as string });
      case 'workflow.paused':
        return this.change({ status: 'paused', reason: attributes['reason'] as string });
      case 'workflow.resumed':
        return this.resume();
      case 'workflow.cancel_requested':
        return this.change({ isCancelRequested: true });
      case 'workflow.timed_out':
        return this.change({ isTimedOut: true });
    }
  }

  private applyToStep({ id = '', type, at, data, attributes }: RunEvent): void {
    const attempt = attributes['attempt'] as number;
    if (type === 'step.scheduled') {
      this.steps.set(id, { id, status: 'scheduled', attempt: 1, args: data, scheduledAt: at });
      return;
    }
    if (type === 'step.exhausted') {
      this.change({ status: 'paused', reason: `step ${id} has failed in all its attempts and asks for a person` });
    }
    changeIn(this.steps, id, (before): StepSnapshot => {
      const { retryAt: _, ...step } = before;
      switch (type) {
        case 'step.completed':
          return { ...step, status: 'completed', attempt, endedAt: at, result: data };
        case 'step.failed':
          return { ...step, status: 'failed', attempt, endedAt: at, error: data };
        case 'step.retrying':
          return {
            ...step,
            status: 'retrying',
            attempt: attempt + 1,
            error: data,
            retryAt: attributes['retryAt'] as Date,
          };
        case 'step.lost':
          return { ...step, status: 'retrying', attempt: attempt + 1 };
        case 'step.exhausted':
          return { ...step, status: 'exhausted', attempt, error: data };
        default:
          return { ...step, status: 'cancelled', endedAt: at };
      }
    });
  }

  /** Of attempts that were compacted nothing is known but how many there were. */
  private countAttempts(calls: Readonly<Record<string, Attempts>>): void {
    for (const [id, { failures, lost, handedBack }] of Object.entries(calls)) {
      changeIn(this.steps, id, (before): StepSnapshot => {
        const { retryAt: _, ...step } = before;
        return { ...step, status: 'retrying', attempt: step.attempt + failures + lost + handedBack };
      });
    }
  }

  private applyToTimer({ id = '', type, attributes }: RunEvent): void {
    if (type === 'sleep.started') this.timers.set(id, { id, status: 'running', fireAt: attributes['fireAt'] as Date });
    else {
      const status: TimerSnapshot['status'] = type === 'sleep.completed' ? 'fired' : 'cancelled';
      changeIn(this.timers, id, (timer) => ({ ...timer, status }));
    }
  }

  private applyToHook({ id = '', type, data, attributes }: RunEvent): void {
    if (type === 'hook.created') {
      const expiresAt = attributes['expiresAt'] as Date | undefined;
      const multiple = attributes['multiple'] === true;
      this.hooks.set(id, { id, status: 'open', multiple, payloads: [], ...(expiresAt && { expiresAt }) });
    } else if (type === 'hook.received') {
      const after = (hook: HookSnapshot): HookSnapshot['status'] => (hook.multiple ? hook.status : 'received');
      changeIn(this.hooks, id, (hook) => ({ ...hook, status: after(hook), payloads: [...hook.payloads, data] }));
    } else {
      const status = type.slice('hook.'.length) as HookSnapshot['status'];
      changeIn(this.hooks, id, (hook) => ({ ...hook, status }));
    }
  }

  /** What its rounds closed is told by events that may be gone. */
  private applyCheckpoint({ id = '', at, data, attributes }: RunEvent): void {
    this.checkpoints.set(id.slice(0, id.lastIndexOf('#')), { id, savedAt: at, state: data });
    const hooks = (attributes['hooks'] ?? {}) as NonNullable<CheckpointAttributes['hooks']>;
    for (const [hookId, { closed }] of Object.entries(hooks)) {
      const close = (hook: HookSnapshot): HookSnapshot => ({
        ...hook,
        status: hook.status === 'open' ? 'closed' : hook.status,
      });
      if (closed) changeIn(this.hooks, hookId, close);
    }
  }

  /** What still waited when the run ended waits no longer. */
  private end(result: Partial<RunFacts>): void {
    this.change(result);
    for (const timer of this.timers.values())
      if (timer.status === 'running') this.timers.set(timer.id, { ...timer, status: 'cancelled' });
    for (const hook of this.hooks.values())
      if (hook.status === 'open') this.hooks.set(hook.id, { ...hook, status: 'closed' });
  }

  /** A step that waited for a person is tried again. */
  private resume(): void {
    const { reason: _, ...run } = this.run;
    this.run = { ...run, status: 'running' };
    for (const step of this.steps.values()) {
      if (step.status === 'exhausted')
        this.steps.set(step.id, { ...step, status: 'retrying', attempt: step.attempt + 1 });
    }
  }

  private change(facts: Partial<RunFacts>): void {
    this.run = { ...this.run, ...facts };
  }
}

function changeIn<T>(items: Map<string, T>, id: string, to: (item: T) => T): void {
  const item = items.get(id);
  if (item !== undefined) items.set(id, to(item));
}
