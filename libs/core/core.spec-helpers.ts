import { AsyncLocalStorage } from 'node:async_hooks';
import { activate } from './activate.js';
import type { CommandLog } from './command-log.js';
import { Execution, type ExecutionOptions } from './execution.js';
import type { Command, EventDraft, HistoryEvent } from './history-event.js';
import type { Codec, Entropy } from './ports/codec.js';
import { type Patience, replay } from './replay.js';
import { RunState } from './run-state.js';
import { Scope } from './scope.js';

/** JSON, with errors by name and message; a function cannot be stored. */
export const codec: Codec = {
  encode(value) {
    if (typeof value === 'function') throw new Error('A function cannot be stored.');
    if (value instanceof Error) return JSON.stringify({ error: { name: value.name, message: value.message } });
    return JSON.stringify({ value }, (_key, part: unknown) => {
      if (typeof part === 'function') throw new Error('A function cannot be stored.');
      return part;
    });
  },
  decode(payload) {
    const { value, error } = JSON.parse(payload) as { value?: unknown; error?: { name: string; message: string } };
    return error ? Object.assign(new Error(error.message), { name: error.name }) : value;
  },
  canonical: (payload) => payload,
};

/** Counts: each call gives another value, each run the same ones. */
export function countingEntropy(): Entropy {
  let calls = 0;
  let seed = '';
  return {
    random: () => ++calls / 100,
    randomUUID: () => `uuid ${seed}${++calls}`,
    reseed: (from) => {
      seed = `${from} `;
      calls = 0;
    },
    token: (hookId) => `token of ${hookId}`,
  };
}

export const completed = (id: string, value: unknown = id, attempt = 1): EventDraft => ({
  type: 'step.completed',
  id,
  payload: codec.encode(value),
  attributes: { attempt },
});
export const failed = (id: string, message: string, attempt = 1): EventDraft => ({
  type: 'step.failed',
  id,
  payload: codec.encode(new Error(message)),
  attributes: { attempt },
});
export const scheduled = (id: string, ...args: unknown[]): EventDraft => ({
  type: 'step.scheduled',
  id,
  payload: codec.encode(args),
});
export const stepCancelled = (id: string): EventDraft => ({ type: 'step.cancelled', id });
export const timer = (id: string, fireAt: number): EventDraft => ({
  type: 'sleep.started',
  id,
  attributes: { fireAt },
});
export const fired = (id: string): EventDraft => ({ type: 'sleep.completed', id });
export const hookCreated = (
  id: string,
  attributes: { expiresAt?: number; multiple?: true; defined?: true } = {},
): EventDraft => ({
  type: 'hook.created',
  id,
  attributes: { token: `token of ${id}`, ...attributes },
});
export const received = (id: string, value: unknown): EventDraft => ({
  type: 'hook.received',
  id,
  payload: codec.encode(value),
});
export const expired = (id: string): EventDraft => ({ type: 'hook.expired', id });
export const conflicted = (id: string): EventDraft => ({ type: 'hook.conflicted', id });
export const effect = (id: string, value: unknown): EventDraft => ({
  type: 'side_effect.recorded',
  id,
  payload: codec.encode(value),
});
export const cancelRequested: EventDraft = { type: 'workflow.cancel_requested' };
export const timedOut: EventDraft = { type: 'workflow.timed_out' };
export const completedRun = (output?: unknown): EventDraft => ({
  type: 'workflow.completed',
  payload: codec.encode(output),
});
export const failedRun = (message: string): EventDraft => ({
  type: 'workflow.failed',
  payload: codec.encode(new Error(message)),
});
export const started = (args: readonly unknown[] = [], deadline?: number): EventDraft => ({
  type: 'workflow.started',
  payload: codec.encode(args),
  attributes: { workflow: 'test', version: 1, seed: 'seed', ...(deadline === undefined ? undefined : { deadline }) },
});

/** Numbers and dates the drafts of a history; each is an event of its own millisecond unless it is given another. */
export function history(
  drafts: readonly EventDraft[],
  at: (index: number) => number = (index) => index,
): HistoryEvent[] {
  return drafts.map((draft, index) => ({ ...draft, sequence: index + 1, at: at(index) }) as HistoryEvent);
}

/** The run's state after a history. */
export function stateAfter(...drafts: EventDraft[]): RunState {
  const state = new RunState('run-1');
  for (const event of history([started(), ...drafts])) state.apply(event);
  return state;
}

/** `step.completed charge#1` */
export function brief(event: EventDraft | Command): string {
  return 'id' in event ? `${event.type} ${event.id}` : event.type;
}

/** All that the code has asked for and that is not recorded. */
export function taken(log: CommandLog): readonly Command[] {
  const commands: Command[] = [];
  for (let command = log.next(); command; command = log.next()) commands.push(command);
  return commands;
}

/** What it says in full, apart from place and time. */
export function draftOf({ sequence: _sequence, at: _at, ...draft }: HistoryEvent): EventDraft {
  return draft as EventDraft;
}

/** A turn of the event loop, as ordinary I/O takes it. */
export function ordinaryIo(turns = 1): Promise<void> {
  return new Promise((resolve) => {
    const next = (left: number): void => void (left === 0 ? resolve() : setImmediate(next, left - 1));
    next(turns);
  });
}

/** Waits that many turns for code that has not asked yet. */
export const patience =
  (turns: number): Patience =>
  async (tries) => {
    if (tries >= turns) return false;
    await ordinaryIo();
    return true;
  };

const scopes = new AsyncLocalStorage<Scope>();

/** Protects from interruptions, as the shell has it. */
export async function shield<T>(run: Execution, body: () => T | PromiseLike<T>): Promise<T> {
  const scope = new Scope(run.scope, true);
  try {
    return await scopes.run(scope, async () => await body());
  } finally {
    scope.end();
  }
}

/** Begins what can be cancelled by itself, as the shell has it. */
export function partOf<T>(run: Execution, body: () => T | PromiseLike<T>): { result: Promise<T>; cancel: () => void } {
  const scope = new Scope(run.scope);
  return { result: scopes.run(scope, async () => await body()), cancel: () => run.cancelScope(scope) };
}

export type TestWorkflow = (run: Execution, ...args: never[]) => unknown;

export interface TestOptions extends Partial<ExecutionOptions> {
  readonly args?: readonly unknown[];
  readonly startedAt?: number;
  readonly patience?: Patience;
}

/** A run that the test plays the world for. */
export class TestRun {
  readonly state = new RunState('run-1');
  readonly execution: Execution;
  readonly history: HistoryEvent[] = [];
  /** What the next activation's events are dated. */
  now = 0;

  private constructor(options: TestOptions) {
    this.execution = new Execution({
      codec,
      entropy: countingEntropy(),
      currentScope: () => scopes.getStore(),
      ...options,
    });
  }

  /** A new run, after its first activation. */
  static async start(workflow: TestWorkflow, options: TestOptions = {}): Promise<TestRun> {
    const run = await TestRun.replay(
      workflow,
      history([started(options.args)], () => options.startedAt ?? 0),
      options,
    );
    await run.activate();
    return run;
  }

  /** A run that is taken up from its history; nothing new has been taken from it. */
  static async replay(
    workflow: TestWorkflow,
    events: readonly HistoryEvent[],
    options: TestOptions = {},
  ): Promise<TestRun> {
    const run = new TestRun(options);
    const first = events[0] as Extract<HistoryEvent, { type: 'workflow.started' }>;
    run.execution.start((args) => workflow(run.execution, ...(args as never[])), first.payload, first.at);
    await replay(run.execution, run.state, [events], options.patience ?? patience(3));
    run.execution.endReplay();
    run.history.push(...events);
    run.now = run.state.at;
    return run;
  }

  /** @returns the transcript: outcomes and the commands they caused. */
  async activate(...outcomes: EventDraft[]): Promise<EventDraft[]> {
    const transcript = await activate(this.execution, this.state, outcomes, this.now, (events) => events);
    this.history.push(...transcript);
    return transcript.map(draftOf);
  }

  /** The same run, in a process that did not hold it. */
  replayed(workflow: TestWorkflow, options: TestOptions = {}): Promise<TestRun> {
    return TestRun.replay(workflow, this.history, options);
  }

  /** What has been recorded since the start. */
  get transcript(): EventDraft[] {
    return this.history.slice(1).map(draftOf);
  }

  /** What the ended run returned or threw. */
  get result(): unknown {
    return codec.decode(this.state.result as string);
  }
}

/** What a workflow does about a history, beyond it. */
export async function commandsAfter(
  workflow: TestWorkflow,
  drafts: readonly EventDraft[],
  options: TestOptions = {},
): Promise<EventDraft[]> {
  const run = await TestRun.replay(workflow, history([started(options.args), ...drafts]), options);
  return run.activate();
}
