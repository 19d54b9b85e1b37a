import type { CombinatorName, HookNode, Program, StepNode } from './program.js';
import type { Random } from './random.js';
import { SHARED_STEPS, type SharedStep } from './steps.js';

const COMBINATORS: readonly CombinatorName[] = ['all', 'allSettled', 'any', 'race', 'ourRace'];

/** Writes a workflow by chance. */
export function generateProgram(random: Random): Program {
  return new ProgramGenerator(random).program();
}

class ProgramGenerator {
  private positions = 0;
  /** How many more nodes there may be, about. */
  private budget: number;
  /** How many loops and parallel() the node to be written is in. */
  private repetitions = 0;
  /** Whether the node to be written is in a loop with checkpoints, where nothing may be left open. */
  private isOrderly = false;
  /** Whether something may have been left open, or be under way. */
  private isDisturbed = false;
  /** Whether the node to be written is done several times, or has others beside it. */
  private isApart = false;

  constructor(private readonly random: Random) {
    this.budget = random.whole(4, 24);
  }

  program(): Program {
    return this.sequence(this.random.whole(2, 4), 3);
  }

  private sequence(length: number, depth: number): Program {
    const nodes = Array.from({ length }, () => this.node(depth));
    return nodes.length === 1 ? nodes[0]! : { type: 'sequence', nodes };
  }

  private node(depth: number): Program {
    this.budget -= 1;
    return depth > 0 && this.budget > 0 && this.random.chance(0.55) ? this.compound(depth - 1) : this.leaf();
  }

  private leaf(): Program {
    const { random } = this;
    const dice = random.value();
    if (dice < 0.5) return this.step(random.pick(SHARED_STEPS));
    if (dice < 0.65) return { type: 'sleep', ms: this.waitMs() };
    if (dice < 0.75) return this.hook();
    if (dice < 0.8) return this.inbox();
    if (dice < 0.87) return this.ordinary();
    if (dice < 0.92) return this.sideEffect();
    if (dice < 0.95) return { type: random.pick(['random', 'uuid', 'now'] as const) };
    if (dice < 0.97) return { type: 'throw', position: ++this.positions };
    return this.step(random.pick(SHARED_STEPS));
  }

  private compound(depth: number): Program {
    const { random } = this;
    const body = (): Program => this.sequence(random.whole(1, 3), depth);
    if (!this.isDisturbed && !this.isApart && random.chance(0.35)) return this.rounds(body);
    switch (random.whole(0, this.isOrderly ? 4 : 9)) {
      case 0:
        return { type: 'branch', even: body(), odd: body() };
      case 1:
        return { type: 'loop', times: random.whole(2, 3), body: this.repeated(body) };
      case 2:
        return { type: 'shield', body: body() };
      case 3:
        return this.attempt(body);
      case 4:
        return { type: 'allSettled', branches: this.apart(() => this.several(body)) };
      default:
        return this.disorderly(body);
    }
  }

  /** What may leave something open, or under way. */
  private disorderly(body: () => Program): Program {
    const { random } = this;
    this.isDisturbed = true;
    switch (random.whole(0, 4)) {
      case 0:
        return { type: 'timeout', ms: this.waitMs(), body: body() };
      case 1:
        return {
          type: 'parallel',
          items: random.whole(1, 4),
          concurrency: random.whole(1, 3),
          body: this.repeated(body),
        };
      case 2:
        return { type: 'held', helper: body(), body: body() };
      default:
        return { type: random.pick(COMBINATORS), branches: this.several(body) };
    }
  }

  private several(body: () => Program): Program[] {
    return Array.from({ length: this.random.whole(2, 4) }, body);
  }

  private rounds(body: () => Program): Program {
    const { random, isOrderly } = this;
    const position = ++this.positions;
    const times = random.whole(2, 5);
    const inbox = { type: 'inbox' as const, position: ++this.positions, count: times };
    this.isOrderly = true;
    this.repetitions += 1;
    const round = body();
    this.repetitions -= 1;
    this.isOrderly = isOrderly;
    const isTimed = random.chance(0.2);
    return {
      type: 'rounds',
      position,
      times,
      body: round,
      ...(random.chance(0.4) ? { inbox: isTimed ? { ...inbox, timeoutMs: this.waitMs() } : inbox } : undefined),
    };
  }

  /** Writes what has no loops with checkpoints in it. */
  private apart<T>(write: () => T): T {
    const { isApart } = this;
    this.isApart = true;
    const written = write();
    this.isApart = isApart;
    return written;
  }

  private repeated(body: () => Program): Program {
    this.repetitions += 1;
    const repeated = this.apart(body);
    this.repetitions -= 1;
    return repeated;
  }

  private attempt(body: () => Program): Program {
    const tried = body();
    const handler = this.random.chance(0.8) ? body() : undefined;
    const finalizer = !handler || this.random.chance(0.4) ? body() : undefined;
    return {
      type: 'try',
      body: tried,
      ...(handler ? { handler } : undefined),
      ...(finalizer ? { finalizer } : undefined),
    };
  }

  private step(step: SharedStep | undefined, name = step?.name ?? ''): StepNode {
    const { random } = this;
    const position = ++this.positions;
    const ms = random.chance(0.2) ? random.whole(500, 5_000) : random.whole(0, 60);
    const maxRetries = step?.maxRetries ?? 1;
    const dice = random.value();
    if (dice < 0.08) {
      const doomed = step?.timeoutMs === undefined ? random.pick(['fails', 'fatal'] as const) : 'hangs';
      if (!(doomed === 'fails' && step?.pauses)) return { type: 'step', position, step: name, ms, failures: 0, doomed };
    }
    const failures = dice < 0.3 ? random.whole(1, step?.pauses ? maxRetries + 1 : Math.max(1, maxRetries)) : 0;
    const kills = random.chance(0.01) ? { kills: random.whole(1, 5) } : undefined;
    return { type: 'step', position, step: name, ms, failures: maxRetries === 0 ? 0 : failures, ...kills };
  }

  private hook(): HookNode {
    const isDelivered = this.random.chance(0.7);
    const position = ++this.positions;
    const token = this.random.chance(0.1) ? { token: `wanted-by-many-${this.random.whole(1, 2)}` } : undefined;
    if (isDelivered && this.random.chance(0.5)) return { type: 'hook', position, isDelivered, ...token };
    return { type: 'hook', position, isDelivered, timeoutMs: this.waitMs(), ...token };
  }

  private inbox(): Program {
    const inbox = { type: 'inbox', position: ++this.positions, count: this.random.whole(1, 3) } as const;
    return this.random.chance(0.4) ? { ...inbox, timeoutMs: this.waitMs() } : inbox;
  }

  /** What follows an ordinary await has a name of its own, so that only its own likes can be mistaken for it. */
  private ordinary(): Program {
    const kind = this.random.pick(['turn', 'delay'] as const);
    // Two hooks that are asked for behind ordinary awaits have no arguments that could tell them apart.
    const isHook = this.repetitions === 0 && this.random.chance(0.2);
    const then = isHook ? this.hook() : this.step(undefined, `only${this.positions + 1}`);
    return { type: 'ordinary', position: then.position, kind, then };
  }

  private sideEffect(): Program {
    const { random } = this;
    const ms = random.chance(0.5) ? 0 : random.whole(1, 200);
    return { type: 'sideEffect', position: ++this.positions, ms, fails: random.chance(0.15) };
  }

  private waitMs(): number {
    return this.random.chance(0.3) ? this.random.whole(1_000, 30_000) : this.random.whole(0, 1_000);
  }
}
