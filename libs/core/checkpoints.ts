import { caller } from './caller.js';
import { type CommandLog, nameOf } from './command-log.js';
import { CheckpointError } from './errors.js';
import type { CheckpointAttributes, CommandEvent, HookPosition, Payload } from './history-event.js';
import type { Hook } from './hook.js';
import type { Codec, Entropy } from './ports/codec.js';
import { RareMap } from './rare-map.js';
import type { Scope } from './scope.js';
import type { WaiterKind } from './waiter.js';
import type { Waiters } from './waiters.js';

/** What a checkpoint looks at before it is saved, and puts back. */
export interface CheckpointedCode {
  readonly codec: Codec;
  readonly entropy: Entropy;
  readonly log: CommandLog;
  readonly waiters: Waiters;
  /** Its open hooks of many payloads. */
  readonly hooks: RareMap<string, Hook<unknown>>;
  readonly scope: Scope;
  /** What the steps that are called from now on can read. */
  readonly stepCalls: { context: Payload | undefined };
  now: number;
}

/** A loop that the code is in. */
interface Loop {
  readonly name: string;
  readonly state: object;
  /** The hooks of many payloads that it found: those that are open, and those that can still be read. */
  readonly hooks: readonly Hook<unknown>[];
}

/** A checkpoint that the code waits for. */
interface Pending {
  readonly id: string;
  readonly state: object;
  readonly loop: Loop;
  readonly scope: Scope;
  resolve(): void;
  reject(reason: unknown): void;
}

type CheckpointSaved = Extract<CommandEvent, { type: 'checkpoint.saved' }>;

/**
 * The loops of a run that save their state, so that a replay can leave rounds out.
 *
 * K1. At a checkpoint nothing of the run is open but hooks of many payloads that its loop has found, and nothing is asked
 *     for until it is saved. So all that code behind it depends on is its state and what `CheckpointAttributes` lists.
 * K2. A checkpoint puts back what it has saved, live as on replay, so that nothing goes on that is not saved.
 * K3. A checkpoint of an outer loop ends those in it: their next round begins them anew.
 */
export class Checkpoints {
  /** The outer ones first. */
  private readonly loops: Loop[] = [];
  /** Where each name was used. */
  private readonly places = new RareMap<string, string>();
  /** Hooks that have ended and can still be read. */
  private ended: Hook<unknown>[] = [];
  private pending: Pending | undefined;
  private isOver = false;
  /** The history goes on with a later one in place of this. */
  private leftOut: string | undefined;

  constructor(private readonly code: CheckpointedCode) {}

  /** Asks for the next checkpoint of a name. @throws if it cannot be saved */
  save(state: object, name: string): Promise<void> {
    const { codec, log, scope } = this.code;
    const id = log.nextId('checkpoint', name);
    const loop = this.enter(id, name, state);
    const payload = codec.encode(state, 'state');
    const saved = new Promise<void>((resolve, reject) => {
      this.pending = { id, state, loop, scope, resolve, reject };
    });
    saved.catch(() => {}); // before it can be rejected, as for all that the engine holds
    log.issue({ type: 'checkpoint.saved', id, payload });
    return saved;
  }

  /** @throws CheckpointError while a checkpoint is waited for */
  assertNone(): void {
    if (!this.pending || this.isOver) return;
    throw new CheckpointError(
      this.pending.id,
      'the workflow goes on before it is saved',
      'Await checkpoint() before anything else.',
    );
  }

  /** A hook of many payloads takes no more. */
  onHookEnded(hook: Hook<unknown>): void {
    if (hook.unread > 0) this.ended.push(hook);
  }

  /** The run has ended, or was let go: nobody is told of anything. */
  end(): void {
    this.isOver = true;
  }

  /** What a replay has to know to go on from the checkpoint that is recorded now; undefined if it must not. */
  describe(): CheckpointAttributes | undefined {
    // Whether an interruption has been delivered is known to the code alone.
    const { pending } = this;
    if (!pending || this.isOver || pending.scope.isTouched) return undefined;
    const { log, stepCalls, hooks } = this.code;
    const positions = pending.loop.hooks.map((hook): [string, HookPosition] => [
      hook.id,
      { ...(hook.unread > 0 && { unread: hook.unread }), ...(!hooks.has(hook.id) && { closed: true }) },
    ]);
    return {
      counts: log.counts,
      ...(stepCalls.context !== undefined && { context: stepCalls.context }),
      ...(positions.length > 0 && { hooks: Object.fromEntries(positions) }),
    };
  }

  /** The history has left out the rounds from this checkpoint on. @returns false if the code has not asked for it yet */
  leaveOut(first: string): boolean {
    if (this.pending?.id !== first) return false;
    this.leftOut = first;
    return true;
  }

  /** @returns false if the code has not asked for this checkpoint */
  match(event: CheckpointSaved): boolean {
    const asked = this.pending?.id;
    if (asked === undefined) return false;
    const isNext = asked === event.id || (asked === this.leftOut && nameOf(asked) === nameOf(event.id));
    if (!isNext) return false;
    this.code.log.withdraw('checkpoint.saved', asked);
    this.code.log.lastCommand = event;
    this.apply(event);
    return true;
  }

  /** A checkpoint has its place in the history: the code goes on from what it says. */
  apply({ id, at, payload, attributes }: CheckpointSaved): void {
    const { pending, code } = this;
    this.pending = undefined;
    this.leftOut = undefined;
    code.now = at;
    code.entropy.reseed(id);
    if (attributes) this.restore(attributes);
    if (!pending || this.isOver) return;
    try {
      replaceProperties(pending.state, code.codec.decode(payload) as object);
      pending.resolve();
    } catch (error) {
      pending.reject(error);
    }
  }

  private restore({ counts, context, hooks = {} }: CheckpointAttributes): void {
    const { code } = this;
    code.log.countFrom(counts);
    code.stepCalls.context = context;
    for (const hook of this.loops.flatMap((loop) => loop.hooks)) {
      const position = hooks[hook.id];
      if (position) hook.restore(position);
      if (position?.closed && code.hooks.delete(hook.id)) this.onHookEnded(hook);
    }
  }

  /** @returns the loop that a checkpoint belongs to */
  private enter(id: string, name: string, state: object): Loop {
    this.assertNothingOpen(id);
    this.assertPlace(id, name);
    const depth = this.loops.findIndex((loop) => loop.name === name);
    const known = this.loops[depth];
    if (!known) return this.begin(name, state);
    if (known.state !== state)
      throw new CheckpointError(
        id,
        'it is called with another object than in the round before',
        'Hand it the same object in every round. If this is another loop, give its checkpoint a name of its own: checkpoint(state, { name }).',
      );
    const late = [...this.code.hooks.values()].find((hook) => !known.hooks.includes(hook));
    if (late)
      throw new CheckpointError(
        id,
        `hook ${late.id} is open, which was created in the loop`,
        'Create it before the first checkpoint of the loop, or close it before the next one.',
      );
    this.loops.length = depth + 1;
    this.ended = this.ended.filter((hook) => known.hooks.includes(hook));
    return known;
  }

  private begin(name: string, state: object): Loop {
    this.ended = this.ended.filter((hook) => hook.unread > 0);
    const loop = { name, state, hooks: [...this.code.hooks.values(), ...this.ended] };
    this.loops.push(loop);
    return loop;
  }

  private assertNothingOpen(id: string): void {
    const { waiters, hooks } = this.code;
    const [waiter] = waiters;
    const read = [...hooks.values()].find((hook) => hook.isAwaited);
    if (!waiter && !read) return;
    throw new CheckpointError(
      id,
      waiter ? `${NOUNS[waiter.kind]} ${waiter.id} is open` : `hook ${read?.id} is being read`,
      'Await it first, or end it: race() and timeout() drop their timers, close() ends a hook, cancellationScope() ends the rest.',
    );
  }

  private assertPlace(id: string, name: string): void {
    const place = caller();
    const known = this.places.get(name);
    this.places.set(name, known ?? place);
    if (known === undefined || known === place) return;
    throw new CheckpointError(
      id,
      `it is called at ${place}, and was called at ${known}`,
      'Call it in one place of the loop. If these are two loops, give the checkpoint of each a name of its own: checkpoint(state, { name }).',
    );
  }
}

const NOUNS: Readonly<Record<WaiterKind, string>> = {
  step: 'step',
  sleep: 'timer',
  hook: 'hook',
  side_effect: 'side effect',
};

/** Lets an object have the properties of another and no others. @throws TypeError if it is frozen */
function replaceProperties(target: object, source: object): void {
  for (const key of Reflect.ownKeys(target)) delete (target as Record<PropertyKey, unknown>)[key];
  for (const [key, value] of Object.entries(source))
    Object.defineProperty(target, key, { value, configurable: true, enumerable: true, writable: true });
}
