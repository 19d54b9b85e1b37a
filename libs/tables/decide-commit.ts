import {
  type Commit,
  type CommitResult,
  type HookStatus,
  isEnded,
  type NewRun,
  type RunRecord,
} from '../core/index.js';
import { changed, frozenCopy } from './frozen-copy.js';
import type { Decision, HookRow } from './run-change.js';
import { hasWaking, type RunRows, type RunTables } from './run-tables.js';

/** Whether a commit can be written, and what it changes if so. */
export function decideCommit(tables: RunTables, commit: Commit): Decision<CommitResult> {
  const refusal = commit.create ? refusalOfNew(tables, commit.runId, commit.create) : refusalOfStale(tables, commit);
  const result = refusal ?? refusalOfOpened(tables, commit) ?? refusalOfExpired(tables, commit);
  return result ? { result } : accept(tables.runs.get(commit.runId), commit);
}

function refusalOfNew(tables: RunTables, runId: string, create: NewRun): CommitResult | undefined {
  const taken = tables.runs.get(runId)?.record ?? tables.startedWith(create.workflow, create.idempotencyKey);
  return taken && { type: 'duplicate', runId: taken.runId, inputDigest: taken.inputDigest };
}

function refusalOfStale(tables: RunTables, commit: Commit): CommitResult | undefined {
  const run = tables.runs.get(commit.runId)?.record;
  const isCurrent =
    run !== undefined &&
    !isEnded(run.status) &&
    run.fence === commit.fence &&
    run.owner === commit.lease.owner &&
    run.sequence === commit.baseSequence;
  return isCurrent ? undefined : { type: 'fenced' };
}

function refusalOfOpened(tables: RunTables, commit: Commit): CommitResult | undefined {
  const givenUp = new Set([...commit.expiresHooks, ...commit.closesHooks]);
  const tokens = new Set<string>();
  for (const { id, token, status } of commit.opensHooks) {
    if (status !== 'open') continue;
    const holder = tables.hookOf(token)?.record;
    const isFree = holder?.status !== 'open' || (holder.runId === commit.runId && givenUp.has(holder.id));
    if (tokens.has(token) || !isFree) return { type: 'token_taken', hookId: id };
    tokens.add(token);
  }
  return undefined;
}

function refusalOfExpired(tables: RunTables, commit: Commit): CommitResult | undefined {
  const run = tables.runs.get(commit.runId);
  const isSettled = (id: string): boolean => run?.hooks.get(id)?.record.status !== 'open' || hasUnread(run, id, commit);
  const hookId = commit.expiresHooks.find(isSettled);
  return hookId === undefined ? undefined : { type: 'hook_settled', hookId };
}

/** A hook of many payloads stays open when it accepts one, and must not expire before that is read. */
function hasUnread(run: RunRows, hookId: string, { consumes }: Commit): boolean {
  for (const { key, draft } of run.inbox.values()) {
    if (draft.type === 'hook.received' && draft.id === hookId && !consumes.includes(key)) return true;
  }
  return false;
}

function accept(run: RunRows | undefined, commit: Commit): Decision<CommitResult> {
  const { status, updatedAt, endedAt, output, error, reason, recoveryAttempts } = commit.run;
  const lease = leaseAfter(run, commit);
  const row: RunRecord = frozenCopy({
    ...(run?.record ?? newRecord(commit, commit.create)),
    ...{ status, updatedAt, endedAt, output, error, reason, recoveryAttempts },
    ...lease,
    sequence: commit.baseSequence + commit.events.length,
  });
  const change = {
    runId: commit.runId,
    row,
    ...(commit.events.length > 0 && { events: commit.events.map((event) => frozenCopy(event)) }),
    ...(commit.compacts && { compacts: commit.compacts.map((event) => frozenCopy(event)) }),
    ...(commit.consumes.length > 0 && { consumed: [...commit.consumes] }),
    ...(commit.forgets && { forgotten: [...commit.forgets] }),
    ...nonEmpty(hooksAfter(run, commit)),
  };
  return { result: { type: 'committed', released: lease.owner === undefined }, change };
}

function nonEmpty(hooks: readonly HookRow[]): { readonly hooks?: readonly HookRow[] } {
  return hooks.length > 0 ? { hooks } : {};
}

type Given = Pick<RunRecord, 'runId' | 'workflow' | 'version' | 'tags' | 'createdAt' | 'fence'>;

function newRecord({ runId }: Commit, create: NewRun | undefined): Given {
  if (!create) throw new Error(`Run "${runId}" is gone between the check of a commit and its writing.`);
  const { workflow, version, tags, idempotencyKey, inputDigest, createdAt } = create;
  return { runId, workflow, version, tags, createdAt, fence: 1, ...{ idempotencyKey, inputDigest } };
}

/** The hooks that a commit opens or settles. The end of a run closes all that are open. */
function hooksAfter(run: RunRows | undefined, commit: Commit): readonly HookRow[] {
  const after = new Map<string, HookRow>();
  const settle = (ids: Iterable<string>, status: HookStatus): void => {
    for (const id of ids) {
      const hook = after.get(id) ?? run?.hooks.get(id);
      if (hook?.record.status === 'open') after.set(id, { ...hook, record: changed(hook.record, { status }) });
    }
  };
  settle(commit.expiresHooks, 'expired');
  settle(commit.closesHooks, 'closed');
  for (const record of commit.opensHooks) after.set(record.id, { record: frozenCopy(record) });
  if (isEnded(commit.run.status)) settle([...(run?.hooks.keys() ?? []), ...after.keys()], 'closed');
  return [...after.values()];
}

type LeaseColumns = Pick<RunRecord, 'owner' | 'leaseUntil' | 'wakeAt'>;

function leaseAfter(run: RunRows | undefined, { lease, consumes, run: { status } }: Commit): LeaseColumns {
  if (isEnded(status)) return { owner: undefined, leaseUntil: undefined, wakeAt: undefined };
  if (lease.type === 'release' && !hasWaking(unread(run, consumes), status)) {
    return { owner: undefined, leaseUntil: undefined, wakeAt: lease.wakeAt };
  }
  return { owner: lease.owner, leaseUntil: lease.until, wakeAt: lease.until };
}

function* unread(run: RunRows | undefined, consumes: readonly string[]) {
  const consumed = new Set(consumes);
  for (const message of run?.inbox.values() ?? []) if (!consumed.has(message.key)) yield message;
}
