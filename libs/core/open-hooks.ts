import type { CommandLog } from './command-log.js';
import type { Command } from './history-event.js';
import { Hook, type HookOptions, type HookOwner } from './hook.js';
import type { Entropy } from './ports/codec.js';
import { RareMap } from './rare-map.js';
import type { Waiters } from './waiters.js';

/** The code of a workflow, as far as its hooks need it. */
export interface HookedCode extends HookOwner {
  /** The time inside the workflow. */
  readonly now: number;
  readonly log: CommandLog;
  readonly waiters: Waiters;
  readonly entropy: Entropy;
  /** Issues a command, and gives what its outcome settles. */
  ask(kind: 'hook', command: Command & { readonly id: string }): Promise<unknown>;
  issue(command: Command): void;
  onHookEnded(hook: Hook<unknown>): void;
}

/** The hooks of a run. One of one payload is a promise that waits; one of many takes payloads as long as it is open. */
export class OpenHooks {
  /** Those of many payloads, by id. */
  readonly many = new RareMap<string, Hook<unknown>>();

  constructor(private readonly code: HookedCode) {}

  open<T>(name: string, { token, timeoutMs, multiple = false, defined }: HookOptions): Hook<T> {
    const { code } = this;
    const id = code.log.nextId('hook', name);
    const secret = token ?? code.entropy.token(id);
    const payload = code.ask('hook', {
      type: 'hook.created',
      id,
      attributes: {
        token: secret,
        ...(timeoutMs === undefined ? undefined : { expiresAt: code.now + timeoutMs }),
        ...(multiple ? { multiple } : undefined),
        ...(defined ? { defined: true } : undefined),
      },
    });
    const hook = new Hook<T>(id, secret, payload as Promise<T>, multiple, code);
    if (multiple) {
      if (code.waiters.drop('hook', id)) this.many.set(id, hook as Hook<unknown>);
      else payload.catch((reason: Error) => hook.fail(reason)); // interrupted before it was asked for
    }
    return hook;
  }

  receive(id: string, value: unknown): void {
    const hook = this.many.get(id);
    if (hook) hook.receive(value);
    else this.code.waiters.settle('hook', id, { value });
  }

  /** It has expired, or was never opened. */
  fail(id: string, reason: Error): void {
    const hook = this.many.get(id);
    if (hook) this.end(hook);
    hook?.fail(reason);
    this.code.waiters.settle('hook', id, { reason });
  }

  /** The code wants no more payloads. */
  close(id: string): void {
    const hook = this.many.get(id);
    if (hook) this.end(hook);
    if (hook || this.code.waiters.drop('hook', id)) this.code.issue({ type: 'hook.closed', id });
  }

  clear(): void {
    this.many.clear();
  }

  private end(hook: Hook<unknown>): void {
    this.many.delete(hook.id);
    this.code.onHookEnded(hook);
  }
}
