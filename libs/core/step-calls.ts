import type { CommandLog } from './command-log.js';
import type { Command, Payload } from './history-event.js';
import type { Codec } from './ports/codec.js';

/** The code of a workflow, as far as its step calls need it. */
export interface CallingCode {
  readonly codec: Codec;
  readonly log: CommandLog;
  /** Issues a command, and gives what its outcome settles. */
  ask(kind: 'step', command: Command & { readonly id: string }): Promise<unknown>;
  /** Gives what is rejected with a reason without anything being asked for. */
  refuse(kind: 'step', id: string, reason: unknown): Promise<unknown>;
}

/** The step calls of a run, and what the workflow lets its steps read. */
export class StepCalls {
  /** What the steps that are called from now on can read. */
  context: Payload | undefined;

  constructor(
    private readonly code: CallingCode,
    private readonly checkContext?: (value: unknown) => void,
  ) {}

  call(name: string, args: readonly unknown[]): Promise<unknown> {
    const id = this.code.log.nextId('step', name);
    let payload: Payload;
    try {
      payload = this.code.codec.encode(args, 'args');
    } catch (error) {
      return this.code.refuse('step', id, error);
    }
    const { context } = this;
    const command = { type: 'step.scheduled', id, payload } as const;
    return this.code.ask('step', context === undefined ? command : { ...command, attributes: { context } });
  }

  setContext(value: unknown): void {
    this.checkContext?.(value);
    this.context = value === undefined ? undefined : this.code.codec.encode(value, 'step context');
  }

  /** A copy of what the steps can read. */
  getContext(): unknown {
    return this.context === undefined ? undefined : this.code.codec.decode(this.context);
  }
}
