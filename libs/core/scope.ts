import { afterMicrotasks } from './turns.js';

/**
 * A part of a workflow's code, as far as interruptions tell parts apart: the run as a whole, what is shielded from them,
 * and what can be cancelled by itself. Whoever waits does so in one of them; they nest.
 *
 * An interruption is delivered once to everybody whom it concerns: at the wait that it finds them in; behind the shield
 * that has kept it off; or, if it finds nobody, at the next wait.
 */
export class Scope {
  /** Interruptions of this scope that have found nobody waiting. */
  private pending: readonly Error[] = [];
  /** What this shield has kept off. */
  private keptOff: readonly Error[] = [];
  /** What shields that are just over have kept off, for the code behind each of them. */
  private owed: Error[] = [];
  /** Whether it has ever been interrupted itself. */
  isInterrupted = false;

  constructor(
    private readonly parent?: Scope,
    private readonly isShield = false,
  ) {}

  /** Whether this is `other`, or a part of it. */
  private isWithin(other: Scope): boolean {
    let scope: Scope | undefined = this as Scope;
    while (scope && scope !== other) scope = scope.parent;
    return scope === other;
  }

  /** Whether this or a scope around it has ever been interrupted, be it behind a shield. */
  get isTouched(): boolean {
    return this.isInterrupted || (this.parent?.isTouched ?? false);
  }

  /** The outermost shield between this and a scope around it. */
  shieldFrom(origin: Scope): Scope | undefined {
    let shield: Scope | undefined;
    for (let scope: Scope | undefined = this as Scope; scope && scope !== origin; scope = scope.parent)
      if (scope.isShield) shield = scope;
    return shield;
  }

  /** Whether an interruption of a scope reaches whoever waits here; a shield between keeps it off, until its end. */
  isReachedBy(reason: Error, origin: Scope): boolean {
    if (!this.isWithin(origin)) return false;
    const shield = this.shieldFrom(origin);
    if (shield) shield.keptOff = including(shield.keptOff, reason);
    return !shield;
  }

  /** Leaves an interruption of this scope to whoever waits next in it. */
  leave(reason: Error): void {
    this.pending = including(this.pending, reason);
  }

  /** The interruption that whoever is about to wait here has to be told of. */
  take(): Error | undefined {
    let taken: Error | undefined;
    for (let scope: Scope | undefined = this as Scope; scope; scope = scope.isShield ? undefined : scope.parent) {
      taken ??= scope.owed.shift() ?? scope.pending[0];
      if (taken) scope.pending = scope.pending.filter((reason) => reason !== taken);
    }
    return taken;
  }

  /**
   * What is shielded is over: the code behind it is told of what was kept off, at its next wait.
   *
   * That is before anything else happens, or never: later on nobody could tell it from code that has been told.
   */
  end(): void {
    const { keptOff, parent } = this;
    if (keptOff.length === 0 || !parent) return;
    parent.owed.push(...keptOff);
    afterMicrotasks(() => (parent.owed = []));
  }
}

function including(reasons: readonly Error[], reason: Error): readonly Error[] {
  return reasons.includes(reason) ? reasons : [...reasons, reason];
}
