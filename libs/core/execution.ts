import { CommandLog, type CommandLogOptions } from './command-log.js';
import { HookConflictError, HookExpiredError, WorkflowCancelledError, WorkflowTimeoutError } from './errors.js';
import type { Command, CommandEvent, OutcomeEvent, Payload } from './history-event.js';
import { Hook, type HookOptions, type HookOwner } from './hook.js';
import type { Codec, Entropy } from './ports/codec.js';
import { Scope } from './scope.js';
import { decodeArguments, isCancellation } from './run-ends.js';
import { encodeError, recordEffect } from './side-effect.js';
import { CLOSING, isRecordable, OPENING, type Recordable, Waiter, type WaiterKind } from './waiter.js';

export interface ExecutionOptions extends CommandLogOptions {
  /** Called with what the workflow sets as the context of its steps. @throws if it is not valid */
  readonly checkStepContext?: (value: unknown) => void;
  readonly codec: Codec;
  readonly entropy: Entropy;
  /** The address that the token of a hook is appended to. @default hooks have no URL */
  readonly hookBaseUrl?: string;
  /** The scope that the calling code has entered. @default none but that of the run */
  readonly currentScope?: () => Scope | undefined;
}

/**
 * One run in memory: the promises that its workflow awaits, and the commands that it has issued.
 *
 * E1. No exception is ever thrown through the workflow to suspend it: a parked run is parked promises.
 * E2. Time and outcomes move only in `apply`, `match` and `applySideEffect`, so the code between two events sees one instant.
 * E3. Each promise has a handler from birth, so a failure that is awaited later ends no process.
 * E4. A dead execution settles nothing and issues nothing.
 */
export class Execution implements HookOwner {
  /** The time inside the workflow: that of the last event applied. */
  now = 0;
  readonly log: CommandLog;
  private readonly waiters = new Map<string, Waiter>();
  private readonly multipleHooks = new Map<string, Hook<unknown>>();
  /** Side effects that the history may hold: run when it turns out not to. */
  private readonly sideEffects = new Map<string, () => void>();
  private stepContext: Payload | undefined;
  private localWork = 0;
  private settled = false;
  private dead = false;
  private onCommandWhenDead: (() => void) | undefined;
  /** All of the workflow's code. */
  private readonly root = new Scope();

  constructor(private readonly options: ExecutionOptions) {
    this.log = new CommandLog(options);
  }

  /** Calls the workflow with its stored arguments; what it returns or throws becomes the last command. */
  start(workflow: (args: unknown[]) => unknown, input: Payload, at: number): void {
    this.now = at;
    const args = decodeArguments(input, this.options.codec);
    new Promise((resolve) => resolve(workflow(args))).then(
      (output) => this.complete(output),
      (error) => this.fail(error),
    );
  }

  get isReplaying(): boolean {
    return this.log.isReplaying;
  }

  /** Whether the workflow has nothing to do until an outcome comes, so that nothing is lost by dropping it from memory. */
  get isParked(): boolean {
    return (
      !this.settled &&
      this.localWork === 0 &&
      this.log.isEmpty &&
      (this.waiters.size > 0 || [...this.multipleHooks.values()].some((hook) => hook.isAwaited))
    );
  }

  get isSettled(): boolean {
    return this.settled;
  }

  get isDead(): boolean {
    return this.dead;
  }

  /**
   * Lets go of the run: from now on its primitives never settle and issue nothing.
   *
   * @param onCommand called once, if the code still asks for something, after an ordinary await
   */
  kill(onCommand?: () => void): void {
    this.dead = true;
    this.onCommandWhenDead = onCommand;
    this.waiters.clear();
    this.multipleHooks.clear();
    this.sideEffects.clear();
  }

  step(name: string, args: readonly unknown[]): Promise<unknown> {
    const id = this.log.nextId('step', name);
    let payload: Payload;
    try {
      payload = this.options.codec.encode(args, 'args');
    } catch (error) {
      const refused = this.wait('step', id);
      this.settle('step', id, { reason: error });
      return refused.promise;
    }
    const context = this.stepContext;
    return this.ask('step', {
      type: 'step.scheduled',
      id,
      payload,
      ...(context === undefined ? undefined : { attributes: { context } }),
    });
  }

  /** Sets what the steps that are called from now on can read. */
  setStepContext(value: unknown): void {
    this.options.checkStepContext?.(value);
    this.stepContext = value === undefined ? undefined : this.options.codec.encode(value, 'step context');
  }

  /** A copy of what the steps can read. */
  getStepContext(): unknown {
    return this.stepContext === undefined ? undefined : this.options.codec.decode(this.stepContext);
  }

  sleepUntil(fireAt: number): Promise<void> {
    const id = this.log.nextId('sleep', 'sleep');
    return this.ask('sleep', { type: 'sleep.started', id, attributes: { fireAt } }) as Promise<void>;
  }

  hook<T>(name: string, options: HookOptions): Hook<T> {
    const id = this.log.nextId('hook', name);
    const token = options.token ?? this.options.entropy.token(id);
    const multiple = options.multiple ?? false;
    const payload = this.ask('hook', {
      type: 'hook.created',
      id,
      attributes: {
        token,
        ...(options.timeoutMs === undefined ? undefined : { expiresAt: this.now + options.timeoutMs }),
        ...(multiple ? { multiple } : undefined),
      },
    });
    const hook = new Hook<T>(id, token, payload as Promise<T>, multiple, this);
    if (multiple) {
      if (this.waiters.delete(`hook ${id}`)) this.multipleHooks.set(id, hook as Hook<unknown>);
      else payload.catch((reason: Error) => hook.fail(reason)); // interrupted before it was asked for
    }
    return hook;
  }

  /** Runs a function once and records what it gives or throws, so that a replay gives the same. */
  sideEffect(effect: () => unknown): Promise<unknown> {
    const id = this.log.nextId('side_effect', 'side_effect');
    const waiter = this.wait('side_effect', id);
    if (this.isReplaying) this.sideEffects.set(id, () => void this.runSideEffect(id, effect));
    else if (!this.dead && !this.settled) void this.runSideEffect(id, effect);
    return waiter.promise;
  }

  random(): number {
    return this.options.entropy.random();
  }

  randomUUID(): string {
    return this.options.entropy.randomUUID();
  }

  /** Drops the timer behind a promise that lost its race; any other promise is left alone. */
  dropTimer(promise: unknown): void {
    for (const waiter of this.waiters.values()) {
      if (waiter.promise !== promise || waiter.kind !== 'sleep') continue;
      this.waiters.delete(`sleep ${waiter.id}`);
      this.issue({ type: 'sleep.cancelled', id: waiter.id });
    }
  }

  /** Gives the workflow an outcome. What it does about it is done once the microtasks are drained. */
  apply(event: OutcomeEvent): void {
    this.now = event.at;
    switch (event.type) {
      case 'step.completed':
        return this.settle('step', event.id, { value: this.options.codec.decode(event.payload) });
      case 'step.failed':
        return this.settle('step', event.id, { reason: this.options.codec.decode(event.payload) });
      case 'sleep.completed':
        return this.settle('sleep', event.id, { value: undefined });
      case 'hook.received':
        return this.receive(event.id, this.options.codec.decode(event.payload));
      case 'hook.expired':
        return this.failHook(event.id, new HookExpiredError(event.id));
      case 'hook.conflicted':
        return this.failHook(event.id, new HookConflictError(event.id));
      case 'workflow.cancel_requested':
        return this.interrupt(new WorkflowCancelledError('The run was cancelled.'));
      case 'workflow.timed_out':
        return this.interrupt(new WorkflowTimeoutError('The run took longer than its maxDuration.'));
    }
  }

  /**
   * Matches a recorded command with what the code has asked for.
   *
   * @param acceptChanged takes a command with other arguments for the recorded one
   * @returns false if the code has not asked for it
   */
  match(event: CommandEvent, acceptChanged = false): boolean {
    if (event.type === 'side_effect.recorded') {
      if (!this.sideEffects.delete(event.id)) return false;
      this.applySideEffect(event);
      return true;
    }
    const match = this.log.match(event);
    if (match.type === 'twin') {
      this.swap(event.type === 'step.scheduled' ? 'step' : 'sleep', event.id, match.id);
      this.log.swap(event.type, event.id, match.id);
      return this.match(event);
    }
    if (match.type === 'changed' && acceptChanged) this.log.acceptChanged(event);
    return match.type === 'matched' || (match.type === 'changed' && acceptChanged);
  }

  /** Gives the workflow what a side effect came to, once that has its place in the history: it is an outcome as well. */
  applySideEffect({ id, payload, attributes }: Extract<Command, { type: 'side_effect.recorded' }>): void {
    const value = this.options.codec.decode(payload);
    this.settle('side_effect', id, attributes?.failed ? { reason: value } : { value });
  }

  /** The history has no more to say: what the code has asked for beyond it is new. */
  endReplay(): void {
    this.log.endReplay();
    for (const run of this.sideEffects.values()) run();
    this.sideEffects.clear();
  }

  /** The part of the code that is calling. */
  get scope(): Scope {
    return this.options.currentScope?.() ?? this.root;
  }

  /** @throws the interruption that the next wait would be rejected with, which is spared then. */
  checkInterruption(): void {
    const interruption = this.scope.take();
    if (interruption) throw interruption;
  }

  /** Rejects what is awaited in a part of the code, be it recorded or not: the code asks for it, as it will on replay. */
  cancelScope(scope: Scope): void {
    const reason = new WorkflowCancelledError('The cancellation scope was cancelled.');
    if (!this.reject(reason, scope, () => true)) scope.leave(reason);
  }

  private ask(kind: WaiterKind, command: Command & { readonly id: string }): Promise<unknown> {
    const waiter = this.wait(kind, command.id);
    const interruption = waiter.scope.take();
    if (interruption) this.settle(kind, command.id, { reason: interruption });
    else this.issue(command);
    return waiter.promise;
  }

  private wait(kind: WaiterKind, id: string): Waiter {
    const waiter = new Waiter(kind, id, this.scope);
    if (!this.dead && !this.settled) this.waiters.set(`${kind} ${id}`, waiter);
    return waiter;
  }

  private issue(command: Command): void {
    if (this.dead) {
      this.onCommandWhenDead?.();
      this.onCommandWhenDead = undefined;
    } else if (!this.settled) {
      this.log.issue(command);
    }
  }

  private settle(
    kind: WaiterKind,
    id: string,
    outcome: { readonly value: unknown } | { readonly reason: unknown },
  ): void {
    const waiter = this.waiters.get(`${kind} ${id}`);
    if (!waiter) return; // cancelled or dropped by the code
    this.waiters.delete(`${kind} ${id}`);
    if ('reason' in outcome) waiter.reject(outcome.reason);
    else waiter.resolve(outcome.value);
  }

  private swap(kind: WaiterKind, a: string, b: string): void {
    const waiters = [this.waiters.get(`${kind} ${a}`), this.waiters.get(`${kind} ${b}`)];
    for (const [waiter, id] of [
      [waiters[0], b],
      [waiters[1], a],
    ] as const) {
      if (waiter) this.waiters.set(`${kind} ${id}`, waiter);
      else this.waiters.delete(`${kind} ${id}`); // dropped by the code
      if (waiter) waiter.id = id;
    }
  }

  private receive(id: string, value: unknown): void {
    const hook = this.multipleHooks.get(id);
    if (hook) hook.receive(value);
    else this.settle('hook', id, { value });
  }

  private failHook(id: string, reason: Error): void {
    this.multipleHooks.get(id)?.fail(reason);
    this.multipleHooks.delete(id);
    this.settle('hook', id, { reason });
  }

  get hookBaseUrl(): string | undefined {
    return this.options.hookBaseUrl;
  }

  /** @internal */
  closeHook(id: string): void {
    const wasOpen = this.multipleHooks.delete(id) || this.waiters.delete(`hook ${id}`);
    if (wasOpen) this.issue({ type: 'hook.closed', id });
  }

  /** Rejects what the workflow awaits and the history knows of; if there is no such thing, what it awaits next. */
  private interrupt(reason: Error): void {
    const isRecorded = ({ kind, id }: Recordable): boolean => !this.log.isUnmatched(OPENING[kind], id);
    if (!this.reject(reason, this.root, isRecorded) && !this.rejectUnrecorded(reason)) this.root.leave(reason);
  }

  /** @returns whether anybody waited that no shield protects */
  private reject(reason: Error, origin: Scope, isKnown: (waiter: Recordable) => boolean): boolean {
    const isReached = (scope: Scope): boolean => scope.isReachedBy(reason, origin);
    let reached = false;
    for (const waiter of [...this.waiters.values()]) {
      if (!isRecordable(waiter) || !isKnown(waiter) || !isReached(waiter.scope)) continue;
      this.settle(waiter.kind, waiter.id, { reason });
      this.issue({ type: CLOSING[waiter.kind], id: waiter.id });
      reached = true;
    }
    for (const hook of this.multipleHooks.values()) reached = hook.interrupt(reason, isReached) || reached;
    return reached;
  }

  /** A replay may be ahead of where the run was: what it has asked for already is what the run was to await next. */
  private rejectUnrecorded(reason: Error): boolean {
    for (const waiter of this.waiters.values()) {
      if (!isRecordable(waiter) || waiter.scope.shieldFrom(this.root)) continue;
      this.log.withdraw(OPENING[waiter.kind], waiter.id);
      this.settle(waiter.kind, waiter.id, { reason });
      return true;
    }
    return false;
  }

  private async runSideEffect(id: string, effect: () => unknown): Promise<void> {
    this.localWork += 1;
    const recorded = await recordEffect(effect, this.options.codec);
    this.localWork -= 1;
    this.issue({ type: 'side_effect.recorded', id, ...recorded });
  }

  private complete(output: unknown): void {
    let payload: Payload;
    try {
      payload = this.options.codec.encode(output, 'output');
    } catch (error) {
      return this.fail(error);
    }
    this.finish({ type: 'workflow.completed', payload });
  }

  private fail(error: unknown): void {
    const payload = encodeError(error, this.options.codec);
    this.finish({ type: isCancellation(error) ? 'workflow.cancelled' : 'workflow.failed', payload });
  }

  private finish(end: Command): void {
    this.issue(end);
    this.settled = true;
    this.waiters.clear();
    this.multipleHooks.clear();
  }
}
