/** How a step of a generated workflow behaves. It is part of the step's arguments. */
export interface StepNode {
  readonly type: 'step';
  readonly position: number;
  readonly step: string;
  /** How long an attempt takes. */
  readonly ms: number;
  /** So many attempts fail before one succeeds. */
  readonly failures: number;
  /** Never succeeds: fails in all attempts, fails without a retry, or hangs until it times out. */
  readonly doomed?: 'fails' | 'fatal' | 'hangs';
  /** So many of its attempts in one run kill the process that they run in. */
  readonly kills?: number;
}

/** A hook of one payload. */
export interface HookNode {
  readonly type: 'hook';
  readonly position: number;
  readonly timeoutMs?: number;
  /** Whether the world delivers to it; a hook that nobody delivers to has a timeout. */
  readonly isDelivered: boolean;
  /** A token that other hooks want as well. */
  readonly token?: string;
}

/** A hook of many payloads, closed after so many. */
export interface InboxNode {
  readonly type: 'inbox';
  readonly position: number;
  readonly count: number;
  readonly timeoutMs?: number;
}

export interface SideEffectNode {
  readonly type: 'sideEffect';
  readonly position: number;
  readonly ms: number;
  readonly fails: boolean;
}

/** Awaits something that is not durable, and then something that is. */
export interface OrdinaryNode {
  readonly type: 'ordinary';
  readonly position: number;
  readonly kind: 'turn' | 'delay';
  readonly then: StepNode | HookNode;
}

/** A loop that saves its state, and may read a payload in each round. */
export interface RoundsNode {
  readonly type: 'rounds';
  readonly position: number;
  readonly times: number;
  readonly inbox?: InboxNode;
  readonly body: Program;
}

export type CombinatorName = 'all' | 'allSettled' | 'any' | 'race' | 'ourRace';

/**
 * A generated workflow: takes a number, gives a number or fails.
 *
 * Whatever it computes depends on nothing but its argument, the positions it has passed and the outcomes it was given.
 */
export type Program =
  | StepNode
  | HookNode
  | InboxNode
  | SideEffectNode
  | OrdinaryNode
  | RoundsNode
  | { readonly type: 'sleep'; readonly ms: number }
  | { readonly type: 'sequence'; readonly nodes: readonly Program[] }
  | { readonly type: 'branch'; readonly even: Program; readonly odd: Program }
  | { readonly type: 'loop'; readonly times: number; readonly body: Program }
  | { readonly type: CombinatorName; readonly branches: readonly Program[] }
  | { readonly type: 'timeout'; readonly ms: number; readonly body: Program }
  | { readonly type: 'parallel'; readonly items: number; readonly concurrency: number; readonly body: Program }
  | { readonly type: 'try'; readonly body: Program; readonly handler?: Program; readonly finalizer?: Program }
  | { readonly type: 'shield'; readonly body: Program }
  | { readonly type: 'held'; readonly helper: Program; readonly body: Program }
  | { readonly type: 'throw'; readonly position: number }
  | { readonly type: 'random' | 'uuid' | 'now' };

/** The step, hook, side effect or throw at a position of a program. */
export function findNode(program: Program, position: number): Program | undefined {
  if ('position' in program && program.type !== 'ordinary' && program.position === position) return program;
  for (const child of childrenOf(program)) {
    const found = findNode(child, position);
    if (found) return found;
  }
  return undefined;
}

export function childrenOf(program: Program): readonly Program[] {
  switch (program.type) {
    case 'sequence':
      return program.nodes;
    case 'branch':
      return [program.even, program.odd];
    case 'loop':
    case 'timeout':
    case 'parallel':
    case 'shield':
      return [program.body];
    case 'all':
    case 'allSettled':
    case 'any':
    case 'race':
    case 'ourRace':
      return program.branches;
    case 'try':
      return [program.body, program.handler, program.finalizer].filter((child) => child !== undefined);
    case 'held':
      return [program.helper, program.body];
    case 'ordinary':
      return [program.then];
    case 'rounds':
      return [...(program.inbox ? [program.inbox] : []), program.body];
    default:
      return [];
  }
}

/** The program as text, for whoever looks for a fault. */
export function describe(program: Program, indent = ''): string {
  const { type, ...fields } = program;
  const shown = Object.entries(fields)
    .filter(([, value]) => typeof value !== 'object')
    .map(([name, value]) => `${name}=${String(value)}`);
  const children = childrenOf(program).map((child) => `\n${describe(child, `${indent}  `)}`);
  return `${indent}${[type, ...shown].join(' ')}${children.join('')}`;
}
