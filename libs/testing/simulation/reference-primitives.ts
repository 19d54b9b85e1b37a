import type { HookNode, InboxNode, OrdinaryNode, SideEffectNode, StepNode } from './program.js';
import type { HookPayload, Inbox, Primitives } from './run-program.js';

/** What is protected from interruptions together, and what has been kept off it. */
export class ReferenceShield {
  readonly keptOff = new Set<Error>();
}

/** The table of what is awaited, as the primitives of one part of a program use it. */
export interface ReferenceTable {
  readonly time: number;
  step(node: StepNode, input: number, shield: ReferenceShield | undefined): Promise<number>;
  sleep(shield: ReferenceShield | undefined): Promise<unknown>;
  hook(node: HookNode, shield: ReferenceShield | undefined): Promise<HookPayload>;
  inbox(node: InboxNode, shield: ReferenceShield | undefined): Inbox;
  ordinary(node: OrdinaryNode, input: number): Promise<void>;
  sideEffect(node: SideEffectNode): Promise<number>;
  checkpoint(state: object, name: string): Promise<void>;
  random(): number;
  uuid(): string;
  /** Forgets the timer behind a promise. */
  drop(promise: Promise<unknown>): void;
  /** What is in a shield is over. */
  end(shield: ReferenceShield): void;
}

/** The primitives of a part of a program: all of it, or what is in one shield. */
export class ReferencePrimitives implements Primitives {
  constructor(
    private readonly table: ReferenceTable,
    /** The outermost, which protects all that is in it. */
    private readonly within?: ReferenceShield,
  ) {}

  step(node: StepNode, input: number): Promise<number> {
    return this.table.step(node, input, this.within);
  }

  sleep(): Promise<unknown> {
    return this.table.sleep(this.within);
  }

  hook(node: HookNode): PromiseLike<HookPayload> {
    const payload = this.table.hook(node, this.within);
    // oxlint-disable-next-line unicorn/no-thenable -- as a hook is: the same number of microtasks
    return { then: (onFulfilled, onRejected) => payload.then(onFulfilled, onRejected) };
  }

  inbox(node: InboxNode): Inbox {
    return this.table.inbox(node, this.within);
  }

  ordinary(node: OrdinaryNode, input: number): Promise<void> {
    return this.table.ordinary(node, input);
  }

  sideEffect(node: SideEffectNode): Promise<number> {
    return this.table.sideEffect(node);
  }

  async checkpoint(state: object, name: string): Promise<void> {
    return this.table.checkpoint(state, name);
  }

  random(): number {
    return this.table.random();
  }

  uuid(): string {
    return this.table.uuid();
  }

  now(): number {
    return this.table.time;
  }

  async race(contestants: readonly Promise<unknown>[]): Promise<unknown> {
    try {
      return await Promise.race(contestants);
    } finally {
      contestants.forEach((contestant) => this.table.drop(contestant));
    }
  }

  async timeout(promise: Promise<number>): Promise<number> {
    const timer = this.sleep();
    const expiry = timer.then(() => {
      throw Object.assign(new Error('timeout'), { name: 'WorkflowTimeoutError' });
    });
    try {
      return await Promise.race([promise, expiry]);
    } finally {
      this.table.drop(timer);
    }
  }

  async parallel(
    items: readonly number[],
    fn: (item: number) => Promise<number>,
    concurrency: number,
  ): Promise<number[]> {
    const results: number[] = [];
    let next = 0;
    let failed = false;
    const lane = async (): Promise<void> => {
      while (next < items.length && !failed) {
        const index = next++;
        try {
          results[index] = await fn(items[index]!);
        } catch (error) {
          failed = true;
          throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, lane));
    return results;
  }

  async shield(body: (inside: Primitives) => Promise<number>): Promise<number> {
    const shield = this.within ?? new ReferenceShield();
    const inside = new ReferencePrimitives(this.table, shield);
    try {
      return await (async () => await body(inside))();
    } finally {
      if (!this.within) this.table.end(shield);
    }
  }
}
