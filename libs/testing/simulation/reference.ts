import type { Codec, HistoryEvent } from '../../core/index.js';
import { type Outcome, outcomeOf } from './outcome.js';
import type { HookNode, InboxNode, OrdinaryNode, Program, StepNode } from './program.js';
import { referenceEntropy } from './reference-entropy.js';
import { ReferenceInbox } from './reference-inbox.js';
import { ReferenceLoops } from './reference-loops.js';
import { ReferencePrimitives, type ReferenceShield, type ReferenceTable } from './reference-primitives.js';
import { type HookPayload, type Inbox, runProgram } from './run-program.js';

interface Wait {
  readonly kind: 'step' | 'sleep' | 'hook' | 'side_effect' | 'checkpoint';
  readonly id: string;
  readonly payload?: string;
  readonly shield: ReferenceShield | undefined;
  /** The history has reached the command that asked for it. */
  isRecorded: boolean;
  resolve(value: unknown): void;
  reject(reason: Error): void;
}

/** An ordinary await under way, and what is asked for next to it. */
interface Ordinary {
  readonly next: string;
  readonly payload: string | undefined;
  goOn(): void;
}

/**
 * What a program comes to, given the outcomes of a history in their order.
 *
 * It is written from the promises that the engine makes, not from the engine's code: a table of what is awaited, walked
 * through the history. An ordinary await takes as long as it takes the history to record what comes after it.
 */
export class Reference implements ReferenceTable {
  outcome: Outcome | undefined;
  /** The history does not say in which order ordinary awaits were over, though one of them was interrupted. */
  isUnknowable = false;
  time = 0;
  private entropy = referenceEntropy('');
  /** Interruptions that have found nobody waiting. */
  private readonly pending = new Set<Error>();
  /** What shields that are just over have kept off. */
  private owed: Error[] = [];
  private readonly waits = new Map<string, Wait>();
  private readonly asked = new Set<string>();
  private readonly promises = new Map<Promise<unknown>, Wait>();
  private readonly inboxes = new Map<string, ReferenceInbox>();
  private readonly loops = new ReferenceLoops();
  private readonly states = new Map<string, object>();
  private readonly counts = new Map<string, number>();
  private readonly ordinaries: Ordinary[] = [];

  constructor(private readonly codec: Codec) {}

  async take(program: Program, event: HistoryEvent): Promise<void> {
    await this.apply(program, event);
    // Whoever was owed something had the chance to wait.
    this.owed = [];
  }

  private async apply(program: Program, event: HistoryEvent): Promise<void> {
    switch (event.type) {
      case 'workflow.started': {
        this.time = event.at;
        this.entropy = referenceEntropy(event.attributes.seed);
        const [input] = this.codec.decode(event.payload) as [number];
        void outcomeOf(runProgram(program, input, new ReferencePrimitives(this))).then(
          (outcome) => (this.outcome = outcome),
        );
        return turn();
      }
      case 'step.scheduled':
        return this.record('step', event.id, event.payload);
      case 'sleep.started':
        return this.record('sleep', event.id);
      case 'hook.created':
        return this.record('hook', event.id);
      case 'side_effect.recorded':
        await this.record('side_effect', event.id);
        return this.settle('side_effect', event.id, event.payload, event.attributes?.failed);
      case 'checkpoint.saved':
        await this.record('checkpoint', event.id);
        this.time = event.at;
        this.entropy.reseed(event.id);
        Object.assign(this.states.get(event.id)!, this.codec.decode(event.payload));
        return this.settle('checkpoint', event.id);
      case 'step.completed':
      case 'step.failed':
        this.time = event.at;
        return this.settle('step', event.id, event.payload, event.type === 'step.failed');
      case 'sleep.completed':
        this.time = event.at;
        return this.settle('sleep', event.id);
      case 'hook.received':
        this.time = event.at;
        this.inboxes.get(event.id)?.receive(this.codec.decode(event.payload) as HookPayload);
        return this.settle('hook', event.id, event.payload);
      case 'hook.expired':
        this.time = event.at;
        return this.failHook(event.id, named('HookExpiredError'));
      case 'hook.conflicted':
        this.time = event.at;
        return this.failHook(event.id, named('HookConflictError'));
      case 'workflow.cancel_requested':
        this.time = event.at;
        return this.interrupt(named('WorkflowCancelledError'));
      case 'workflow.timed_out':
        this.time = event.at;
        return this.interrupt(named('WorkflowTimeoutError'));
      case 'workflow.completed':
      case 'workflow.failed':
      case 'workflow.cancelled':
        while (!this.outcome && this.ordinaries.length > 0) await this.goOn(0);
        return;
    }
  }

  step(node: StepNode, input: number, shield: ReferenceShield | undefined): Promise<number> {
    return this.ask('step', node.step, shield, this.codec.encode([node, input])) as Promise<number>;
  }

  sleep(shield: ReferenceShield | undefined): Promise<unknown> {
    return this.ask('sleep', 'sleep', shield);
  }

  hook({ position }: HookNode, shield: ReferenceShield | undefined): Promise<HookPayload> {
    return this.ask('hook', `hook${position}`, shield) as Promise<HookPayload>;
  }

  inbox({ position }: InboxNode, shield: ReferenceShield | undefined): Inbox {
    const id = this.nextId('hook', `inbox${position}`);
    this.asked.add(`hook ${id}`);
    const inbox = new ReferenceInbox(this.takeInterruption(shield), shield, () => this.takeInterruption(shield));
    this.inboxes.set(id, inbox);
    return inbox;
  }

  ordinary({ then }: OrdinaryNode, input: number): Promise<void> {
    const isStep = then.type === 'step';
    const next = isStep ? `step ${then.step}#` : `hook hook${then.position}#`;
    const payload = isStep ? this.codec.encode([then, input]) : undefined;
    return new Promise((goOn) => this.ordinaries.push({ next, payload, goOn }));
  }

  sideEffect(): Promise<number> {
    return this.wait('side_effect', this.nextId('side_effect', 'side_effect'), undefined) as Promise<number>;
  }

  checkpoint(state: object, name: string): Promise<void> {
    const id = this.nextId('checkpoint', name);
    const open = [...this.inboxes.values()].filter((inbox) => inbox.isOpen);
    if (this.waits.size > 0 || !this.loops.reach(name, open)) throw named('CheckpointError');
    this.states.set(id, state);
    return this.wait('checkpoint', id, undefined) as Promise<void>;
  }

  random(): number {
    return this.entropy.random();
  }

  uuid(): string {
    return this.entropy.randomUUID();
  }

  drop(promise: Promise<unknown>): void {
    const wait = this.promises.get(promise);
    if (wait?.kind === 'sleep') this.waits.delete(`sleep ${wait.id}`);
  }

  end(shield: ReferenceShield): void {
    this.owed.push(...shield.keptOff);
  }

  private ask(
    kind: Wait['kind'],
    name: string,
    shield: ReferenceShield | undefined,
    payload?: string,
  ): Promise<unknown> {
    const id = this.nextId(kind, name);
    const interruption = this.takeInterruption(shield);
    if (!interruption) return this.wait(kind, id, shield, payload);
    const refused = Promise.reject(interruption);
    refused.catch(() => {});
    return refused;
  }

  private wait(
    kind: Wait['kind'],
    id: string,
    shield: ReferenceShield | undefined,
    payload?: string,
  ): Promise<unknown> {
    this.asked.add(`${kind} ${id}`);
    let wait!: Wait;
    const promise = new Promise((resolve, reject) => {
      wait = {
        kind,
        id,
        shield,
        isRecorded: false,
        resolve,
        reject,
        ...(payload === undefined ? undefined : { payload }),
      };
    });
    promise.catch(() => {});
    this.waits.set(`${kind} ${id}`, wait);
    this.promises.set(promise, wait);
    return promise;
  }

  private nextId(kind: string, name: string): string {
    const count = (this.counts.get(`${kind} ${name}`) ?? 0) + 1;
    this.counts.set(`${kind} ${name}`, count);
    return `${name}#${count}`;
  }

  /** Nobody in a shield is told of anything. */
  private takeInterruption(shield: ReferenceShield | undefined): Error | undefined {
    if (shield) return undefined;
    const [next] = [...this.owed.splice(0, 1), ...this.pending];
    if (next) this.pending.delete(next);
    return next;
  }

  private async record(kind: Wait['kind'], id: string, payload?: string): Promise<void> {
    const key = `${kind} ${id}`;
    while (!this.asked.has(key)) {
      if (this.ordinaries.length === 0)
        throw new Error(`the history holds ${key}, which the program has not asked for`);
      const following = this.ordinaries.findIndex((it) => key.startsWith(it.next) && it.payload === payload);
      await this.goOn(Math.max(0, following));
    }
    const wait = this.waits.get(key);
    if (!wait) return;
    if (payload !== undefined && wait.payload !== payload)
      throw new Error(`the history holds ${key} with ${payload}, and the program asks for it with ${wait.payload}`);
    wait.isRecorded = true;
  }

  private async failHook(id: string, reason: Error): Promise<void> {
    this.inboxes.get(id)?.fail(reason);
    this.waits.get(`hook ${id}`)?.reject(reason);
    this.waits.delete(`hook ${id}`);
    await turn();
  }

  private async goOn(index: number): Promise<void> {
    if (this.pending.size > 0 && this.ordinaries.length > 1) this.isUnknowable = true;
    const [ordinary] = this.ordinaries.splice(index, 1);
    ordinary?.goOn();
    await turn();
  }

  private async settle(kind: Wait['kind'], id: string, payload?: string, isFailure = false): Promise<void> {
    const wait = this.waits.get(`${kind} ${id}`);
    this.waits.delete(`${kind} ${id}`);
    const value = payload === undefined ? undefined : this.codec.decode(payload);
    if (isFailure) wait?.reject(value as Error);
    else wait?.resolve(value);
    await turn();
  }

  /** Rejects what the program awaits, as far as the history knows; if it knows of nothing, what it awaits next. */
  private async interrupt(reason: Error): Promise<void> {
    let isTaken = false;
    for (const [key, wait] of [...this.waits]) {
      if (wait.kind === 'side_effect' || wait.kind === 'checkpoint' || !wait.isRecorded) continue;
      if (wait.shield) {
        wait.shield.keptOff.add(reason);
        continue;
      }
      this.waits.delete(key);
      wait.reject(reason);
      isTaken = true;
    }
    for (const inbox of this.inboxes.values()) isTaken = inbox.interrupt(reason) || isTaken;
    if (!isTaken) this.pending.add(reason);
    await turn();
  }
}

function named(name: string): Error {
  return Object.assign(new Error(name), { name });
}

/** A macrotask: all that can settle has settled. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
