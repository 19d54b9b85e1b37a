import type { Commit, LeaseChange, NewRun, RunUpdate } from './commit.js';
import type { HistoryCompacted, HistoryEvent } from './history-event.js';
import { RareMap } from './rare-map.js';
import { type HookRecord, isEnded } from './run-record.js';
import type { RunState } from './run-state.js';

export interface CommitContext {
  readonly fence: number;
  readonly lease: LeaseChange;
  /** Keys of the inbox rows that the events come from, or that mean nothing any more. */
  readonly consumes: readonly string[];
  /** Those of them whose keys are to be known no more. @default none */
  readonly forgets?: readonly string[];
  /** Present when the commit creates the run. */
  readonly create?: NewRun;
  /** Step attempts run in the process that holds the lease, so that its death puts the run under suspicion. */
  readonly isExecuting: boolean;
  readonly recoveryAttempts: number;
  /** How many superseded events the run gathers before they are compacted. @default they never are */
  readonly compactAfter?: number;
}

/**
 * Turns the new events of a run into the one commit that writes them.
 *
 * @param events the new end of the history, the first of them right behind what is committed
 * @param state the run after those events
 */
export function planCommit(state: RunState, events: readonly HistoryEvent[], context: CommitContext): Commit {
  const hooks = hookChanges(state.runId, events, isEnded(state.status));
  const first = events[0];
  const baseSequence = first ? first.sequence - 1 : state.sequence;
  const { fence, lease, consumes, forgets, create } = context;
  // Spelled out, since V8 is slow with copies into an object that is half made.
  return {
    runId: state.runId,
    fence,
    baseSequence,
    events,
    compacts: compactedEvents(state, baseSequence, context),
    create,
    run: runUpdate(state, context),
    consumes,
    forgets: forgets?.length ? forgets : undefined,
    opensHooks: hooks.opensHooks,
    expiresHooks: hooks.expiresHooks,
    closesHooks: hooks.closesHooks,
    lease,
  };
}

/** At a threshold and not with each commit, so that each event is looked at a few times only. */
function compactedEvents(
  { superseded }: RunState,
  stored: number,
  { compactAfter = Infinity }: CommitContext,
): readonly HistoryCompacted[] | undefined {
  if (superseded.count < compactAfter) return undefined;
  const compacts = superseded.compact(stored);
  return compacts.length > 0 ? compacts : undefined;
}

type HookChanges = Pick<Commit, 'opensHooks' | 'expiresHooks' | 'closesHooks'>;

const NO_HOOKS: HookChanges = { opensHooks: [], expiresHooks: [], closesHooks: [] };

/** A run that ends in this commit leaves no hook open. */
function hookChanges(runId: string, events: readonly HistoryEvent[], hasEnded: boolean): HookChanges {
  if (!events.some(({ type }) => type.startsWith('hook.'))) return NO_HOOKS;
  const opened = new RareMap<string, HookRecord>();
  const expiresHooks: string[] = [];
  const closesHooks: string[] = [];
  for (const event of events) {
    if (event.type === 'hook.created') opened.set(event.id, hookRecord(runId, event, hasEnded ? 'closed' : 'open'));
    if (event.type === 'hook.conflicted') opened.delete(event.id);
    if (event.type === 'hook.expired') expiresHooks.push(event.id);
    if (event.type !== 'hook.closed') continue;
    const own = opened.get(event.id);
    if (own) opened.set(event.id, { ...own, status: 'closed' });
    else closesHooks.push(event.id);
  }
  return { opensHooks: [...opened.values()], expiresHooks, closesHooks };
}

function hookRecord(
  runId: string,
  event: Extract<HistoryEvent, { type: 'hook.created' }>,
  status: HookRecord['status'],
): HookRecord {
  const { token, expiresAt, multiple, defined } = event.attributes;
  return {
    runId,
    id: event.id,
    token,
    status,
    multiple: multiple ?? false,
    createdAt: event.at,
    ...(expiresAt === undefined ? undefined : { expiresAt }),
    ...(defined ? { defined } : undefined),
  };
}

function statusOf(state: RunState, isExecuting: boolean): Commit['run']['status'] {
  if (state.status !== 'running') return state.status;
  return isExecuting ? 'running' : 'suspended';
}

function runUpdate(state: RunState, { isExecuting, recoveryAttempts }: CommitContext): RunUpdate {
  const result = isEnded(state.status) ? state.result : undefined;
  const isCompleted = state.status === 'completed';
  return {
    status: statusOf(state, isExecuting),
    updatedAt: state.at,
    endedAt: result === undefined ? undefined : state.at,
    output: isCompleted ? result : undefined,
    error: isCompleted ? undefined : result,
    reason: state.reason,
    recoveryAttempts,
  };
}
