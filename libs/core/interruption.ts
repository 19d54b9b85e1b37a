import type { CommandLog } from './command-log.js';
import type { Command } from './history-event.js';
import type { Hook } from './hook.js';
import type { RareMap } from './rare-map.js';
import type { Scope } from './scope.js';
import { CLOSING, isRecordable, OPENING, type Recordable } from './waiter.js';
import type { Waiters } from './waiters.js';

/** Where a run's code waits, and what it has asked for. */
export interface InterruptedCode {
  readonly waiters: Waiters;
  /** Its hooks of many payloads. */
  readonly hooks: RareMap<string, Hook<unknown>>;
  readonly log: CommandLog;
  issue(command: Command): void;
}

/** Rejects what the workflow awaits and the history knows of; if there is no such thing, what it awaits next. */
export function interrupt(code: InterruptedCode, reason: Error, root: Scope): void {
  root.isInterrupted = true;
  const isRecorded = ({ kind, id }: Recordable): boolean => !code.log.isUnmatched(OPENING[kind], id);
  if (!rejectAll(code, reason, root, isRecorded) && !rejectUnrecorded(code, reason, root)) root.leave(reason);
}

/** Rejects what is awaited in a part of the code, be it recorded or not: the code asks for it, as it will on replay. */
export function interruptScope(code: InterruptedCode, reason: Error, scope: Scope): void {
  scope.isInterrupted = true;
  if (!rejectAll(code, reason, scope, () => true)) scope.leave(reason);
}

/** @returns whether anybody waited that no shield protects */
function rejectAll(
  code: InterruptedCode,
  reason: Error,
  origin: Scope,
  isKnown: (waiter: Recordable) => boolean,
): boolean {
  const isReached = (scope: Scope): boolean => scope.isReachedBy(reason, origin);
  let reached = false;
  for (const waiter of [...code.waiters]) {
    if (!isRecordable(waiter) || !isKnown(waiter) || !isReached(waiter.scope)) continue;
    code.waiters.settle(waiter.kind, waiter.id, { reason });
    code.issue({ type: CLOSING[waiter.kind], id: waiter.id });
    reached = true;
  }
  for (const hook of code.hooks.values()) reached = hook.interrupt(reason, isReached) || reached;
  return reached;
}

/** A replay may be ahead of where the run was: what it has asked for already is what the run was to await next. */
function rejectUnrecorded(code: InterruptedCode, reason: Error, root: Scope): boolean {
  for (const waiter of code.waiters) {
    if (!isRecordable(waiter) || waiter.scope.shieldFrom(root)) continue;
    code.log.withdraw(OPENING[waiter.kind], waiter.id);
    code.waiters.settle(waiter.kind, waiter.id, { reason });
    return true;
  }
  return false;
}
