import { type CheckpointedCode, Checkpoints } from './checkpoints.js';
import { CommandLog, type CommandLogOptions } from './command-log.js';
import { HookConflictError, HookExpiredError, WorkflowCancelledError, WorkflowTimeoutError } from './errors.js';
import type { AnsweredEvent, Command, CommandEvent, HistoryCompacted, OutcomeEvent, Payload } from './history-event.js';
import type { Hook, HookOptions } from './hook.js';
import { interrupt, type InterruptedCode, interruptScope } from './interruption.js';
import { type HookedCode, OpenHooks } from './open-hooks.js';
import type { Codec, Entropy } from './ports/codec.js';
import type { RareMap } from './rare-map.js';
import { Scope } from './scope.js';
import { decodeArguments, endWithError, endWithOutput } from './run-ends.js';
import { SideEffects } from './side-effect.js';
import { type CallingCode, StepCalls } from './step-calls.js';
import { Waiter, type WaiterKind } from './waiter.js';
import { Waiters } from './waiters.js';

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
 * E2. Time and outcomes move only in `apply`, `match` and `answer`, so the code between two events sees one instant.
 * E3. Each promise has a handler before it is rejected, so a failure that is awaited later ends no process.
 * E4. A dead execution settles nothing and issues nothing.
 */
export class Execution implements CallingCode, HookedCode, InterruptedCode, CheckpointedCode {
  /** The time inside the workflow: that of the last event applied. */
  now = 0;
  readonly codec: Codec;
  readonly entropy: Entropy;
  readonly hookBaseUrl: string | undefined;
  private readonly currentScope: (() => Scope | undefined) | undefined;
  readonly log: CommandLog;
  /** @internal */
  readonly waiters = new Waiters();
  private readonly openHooks = new OpenHooks(this);
  /** @internal */
  readonly stepCalls: StepCalls;
  private readonly sideEffects: SideEffects;
  private readonly checkpoints = new Checkpoints(this);
  private settled = false;
  private dead = false;
  private onCommandWhenDead: (() => void) | undefined;
  /** All of the workflow's code. */
  private readonly root = new Scope();

  // The literal is not kept: V8 makes literals that live long in the old generation, where a dead one holds its run.
  constructor(options: ExecutionOptions) {
    this.codec = options.codec;
    this.entropy = options.entropy;
    this.hookBaseUrl = options.hookBaseUrl;
    this.currentScope = options.currentScope;
    this.log = new CommandLog(options);
    this.stepCalls = new StepCalls(this, options.checkStepContext);
    this.sideEffects = new SideEffects(options.codec, (command) => this.issue(command));
  }

  /** Calls the workflow with its stored arguments; what it returns or throws becomes the last command. */
  start(workflow: (args: unknown[]) => unknown, input: Payload, at: number): void {
    this.now = at;
    const args = decodeArguments(input, this.codec);
    new Promise((resolve) => resolve(workflow(args))).then(
      (output) => this.finish(endWithOutput(output, this.codec)),
      (error) => this.finish(endWithError(error, this.codec)),
    );
  }

  get isReplaying(): boolean {
    return this.log.isReplaying;
  }

  /** Whether the workflow has nothing to do until an outcome comes, so that nothing is lost by dropping it from memory. */
  get isParked(): boolean {
    return !this.settled && this.sideEffects.running === 0 && this.log.isEmpty && this.awaitsOutcome;
  }

  /** Whether the workflow awaits something that is not durable and nothing else, so that nothing can be brought to it. */
  get isOutOfReach(): boolean {
    return !this.settled && this.log.isEmpty && !this.awaitsOutcome;
  }

  private get awaitsOutcome(): boolean {
    if (this.waiters.awaitOutcome) return true;
    for (const hook of this.hooks.values()) if (hook.isAwaited) return true;
    return false;
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
    this.openHooks.clear();
    this.sideEffects.clear();
    this.checkpoints.end();
  }

  step(name: string, args: readonly unknown[]): Promise<unknown> {
    this.assertNoCheckpoint();
    return this.stepCalls.call(name, args);
  }

  /** Sets what the steps that are called from now on can read. */
  setStepContext(value: unknown): void {
    this.assertNoCheckpoint();
    this.stepCalls.setContext(value);
  }

  /** A copy of what the steps can read. */
  getStepContext(): unknown {
    return this.stepCalls.getContext();
  }

  sleepUntil(fireAt: number): Promise<void> {
    this.assertNoCheckpoint();
    const id = this.log.nextId('sleep', 'sleep');
    return this.ask('sleep', { type: 'sleep.started', id, attributes: { fireAt } }) as Promise<void>;
  }

  hook<T>(name: string, options: HookOptions): Hook<T> {
    this.assertNoCheckpoint();
    return this.openHooks.open(name, options);
  }

  /** Runs a function once and records what it gives or throws, so that a replay gives the same. */
  sideEffect(effect: () => unknown): Promise<unknown> {
    this.assertNoCheckpoint();
    const id = this.log.nextId('side_effect', 'side_effect');
    const waiter = this.wait('side_effect', id);
    if (this.isReplaying) this.sideEffects.postpone(id, effect);
    else if (!this.dead && !this.settled) void this.sideEffects.run(id, effect);
    return waiter.promise;
  }

  /**
   * Saves the state of a loop, so that a replay can leave out the rounds before, and leaves in it what was saved.
   *
   * @throws CheckpointError if a replay could not go on from here
   */
  checkpoint(state: object, name: string): Promise<void> {
    if (this.dead || this.settled) return new Promise(() => {});
    this.assertNoCheckpoint();
    return this.checkpoints.save(state, name);
  }

  /** @internal */
  assertNoCheckpoint(): void {
    this.checkpoints.assertNone();
  }

  random(): number {
    return this.entropy.random();
  }

  randomUUID(): string {
    return this.entropy.randomUUID();
  }

  /** Drops the timer behind a promise that lost its race; any other promise is left alone. */
  dropTimer(promise: unknown): void {
    const id = this.waiters.dropSleep(promise);
    if (id !== undefined) this.issue({ type: 'sleep.cancelled', id });
  }

  /** Gives the workflow an outcome. What it does about it is done once the microtasks are drained. */
  apply(event: OutcomeEvent): void {
    this.now = event.at;
    switch (event.type) {
      case 'step.completed':
        return this.waiters.settle('step', event.id, { value: this.codec.decode(event.payload) });
      case 'step.failed':
        return this.waiters.settle('step', event.id, { reason: this.codec.decode(event.payload) });
      case 'sleep.completed':
        return this.waiters.settle('sleep', event.id, { value: undefined });
      case 'hook.received':
        return this.openHooks.receive(event.id, this.codec.decode(event.payload));
      case 'hook.expired':
        return this.openHooks.fail(event.id, new HookExpiredError(event.id));
      case 'hook.conflicted':
        return this.openHooks.fail(event.id, new HookConflictError(event.id));
      case 'workflow.cancel_requested':
        return interrupt(this, new WorkflowCancelledError('The run was cancelled.'), this.root);
      case 'workflow.timed_out':
        return interrupt(this, new WorkflowTimeoutError('The run took longer than its maxDuration.'), this.root);
    }
  }

  /**
   * Matches a recorded command with what the code has asked for.
   *
   * @param acceptChanged takes a command with other arguments for the recorded one
   * @returns false if the code has not asked for it
   */
  match(event: CommandEvent | HistoryCompacted, acceptChanged = false): boolean {
    switch (event.type) {
      case 'side_effect.recorded':
        if (!this.sideEffects.forget(event.id)) return false;
        this.answer(event);
        return true;
      case 'checkpoint.saved':
        return this.checkpoints.match(event);
      case 'history.compacted':
        return event.attributes.checkpoint === undefined || this.checkpoints.leaveOut(event.attributes.checkpoint);
    }
    const match = this.log.match(event);
    if (match.type === 'twin') {
      this.waiters.swap(event.type === 'step.scheduled' ? 'step' : 'sleep', event.id, match.id);
      this.log.swap(event.type, event.id, match.id);
      return this.match(event);
    }
    if (match.type === 'changed' && acceptChanged) this.log.acceptChanged(event);
    return match.type === 'matched' || (match.type === 'changed' && acceptChanged);
  }

  /** Adds to a command what is known only when it gets its place in the history. */
  completed(command: Command): Command {
    if (command.type !== 'checkpoint.saved') return command;
    const attributes = this.checkpoints.describe();
    return attributes ? { ...command, attributes } : command;
  }

  /** Gives the workflow the outcome of a command that is its own, now that it has its place in the history. */
  answer(event: AnsweredEvent): void {
    if (event.type === 'checkpoint.saved') return this.checkpoints.apply(event);
    const { id, payload, attributes } = event;
    const value = this.codec.decode(payload);
    this.waiters.settle('side_effect', id, attributes?.failed ? { reason: value } : { value });
  }

  /** The history has no more to say: what the code has asked for beyond it is new. */
  endReplay(): void {
    this.log.endReplay();
    this.sideEffects.runPostponed();
  }

  /** The part of the code that is calling. */
  get scope(): Scope {
    return this.currentScope?.() ?? this.root;
  }

  /** @throws the interruption that the next wait would be rejected with, which is spared then. */
  checkInterruption(): void {
    const interruption = this.scope.take();
    if (interruption) throw interruption;
  }

  /** Rejects what is awaited in a part of the code, be it recorded or not: the code asks for it, as it will on replay. */
  cancelScope(scope: Scope): void {
    const reason = new WorkflowCancelledError('The cancellation scope was cancelled.');
    interruptScope(this, reason, scope);
  }

  /** @internal */
  ask(kind: WaiterKind, command: Command & { readonly id: string }): Promise<unknown> {
    const waiter = this.wait(kind, command.id);
    const interruption = waiter.scope.take();
    if (interruption) this.waiters.settle(kind, command.id, { reason: interruption });
    else this.issue(command);
    return waiter.promise;
  }

  /** @internal */
  refuse(kind: WaiterKind, id: string, reason: unknown): Promise<unknown> {
    const waiter = this.wait(kind, id);
    this.waiters.settle(kind, id, { reason });
    return waiter.promise;
  }

  private wait(kind: WaiterKind, id: string): Waiter {
    // After the end, and in a dead execution, nothing settles it.
    return this.dead || this.settled ? new Waiter(kind, id, this.scope) : this.waiters.add(kind, id, this.scope);
  }

  /** @internal */
  issue(command: Command): void {
    if (this.dead) {
      this.onCommandWhenDead?.();
      this.onCommandWhenDead = undefined;
    } else if (!this.settled) {
      this.log.issue(command);
    }
  }

  /** @internal Those of many payloads that are open. */
  get hooks(): RareMap<string, Hook<unknown>> {
    return this.openHooks.many;
  }

  /** @internal */
  closeHook(id: string): void {
    this.openHooks.close(id);
  }

  /** @internal */
  onHookEnded(hook: Hook<unknown>): void {
    this.checkpoints.onHookEnded(hook);
  }

  private finish(end: Command): void {
    this.issue(end);
    this.settled = true;
    this.waiters.clear();
    this.openHooks.clear();
    this.checkpoints.end();
  }
}
