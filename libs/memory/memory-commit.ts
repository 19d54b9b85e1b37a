import {
  type Commit,
  type CommitResult,
  type HookStatus,
  isEnded,
  type NewRun,
  type RunRecord,
} from '../core/index.js';
import { changed, frozenCopy } from './frozen-copy.js';
import { hasWaking, type MemoryRun, type MemoryTables } from './memory-tables.js';

/** Why a commit cannot be written; undefined if it can. */
export function refusalOf(tables: MemoryTables, commit: Commit): CommitResult | undefined {
  const refusal = commit.create ? refusalOfNew(tables, commit.runId, commit.create) : refusalOfStale(tables, commit);
  return refusal ?? refusalOfOpened(tables, commit) ?? refusalOfExpired(tables, commit);
}

function refusalOfNew(tables: MemoryTables, runId: string, create: NewRun): CommitResult | undefined {
  const taken = tables.runs.get(runId) ?? tables.startedWith(create.workflow, create.idempotencyKey);
  return taken && { type: 'duplicate', runId: taken.record.runId, inputDigest: taken.record.inputDigest };
}

function refusalOfStale(tables: MemoryTables, commit: Commit): CommitResult | undefined {
  const run = tables.runs.get(commit.runId)?.record;
  const isCurrent =
    run !== undefined &&
    !isEnded(run.status) &&
    run.fence === commit.fence &&
    run.owner === commit.lease.owner &&
    run.sequence === commit.baseSequence;
  return isCurrent ? undefined : { type: 'fenced' };
}

function refusalOfOpened(tables: MemoryTables, commit: Commit): CommitResult | undefined {
  const givenUp = new Set([...commit.expiresHooks, ...commit.closesHooks]);
  const tokens = new Set<string>();
  for (const { id, token, status } of commit.opensHooks) {
    if (status !== 'open') continue;
    const holder = tables.hooksByToken.get(token)?.record;
    const isFree = holder?.status !== 'open' || (holder.runId === commit.runId && givenUp.has(holder.id));
    if (tokens.has(token) || !isFree) return { type: 'token_taken', hookId: id };
    tokens.add(token);
  }
  return undefined;
}

function refusalOfExpired(tables: MemoryTables, commit: Commit): CommitResult | undefined {
  const run = tables.runs.get(commit.runId);
  const isSettled = (id: string): boolean => run?.hooks.get(id)?.record.status !== 'open' || hasUnread(run, id, commit);
  const hookId = commit.expiresHooks.find(isSettled);
  return hookId === undefined ? undefined : { type: 'hook_settled', hookId };
}

/** A hook of many payloads stays open when it accepts one, and must not expire before that is read. */
function hasUnread(run: MemoryRun, hookId: string, { consumes }: Commit): boolean {
  for (const { key, draft } of run.inbox.values()) {
    if (draft.type === 'hook.received' && draft.id === hookId && !consumes.includes(key)) return true;
  }
  return false;
}

/** Writes a commit that nothing speaks against. */
export function write(tables: MemoryTables, commit: Commit): CommitResult {
  const run = commit.create ? tables.insert(newRecord(commit, commit.create)) : existing(tables, commit.runId);
  for (const event of commit.events) run.events.push(frozenCopy(event));
  for (const key of commit.consumes) run.inbox.delete(key);
  settleHooks(run, commit.expiresHooks, 'expired');
  settleHooks(run, commit.closesHooks, 'closed');
  openHooks(tables, run, commit);
  if (isEnded(commit.run.status)) dropLeftovers(run);

  const lease = leaseAfter(run, commit);
  const { status, updatedAt, endedAt, output, error, reason, recoveryAttempts } = commit.run;
  const sequence = commit.baseSequence + commit.events.length;
  tables.update(run, { status, updatedAt, endedAt, output, error, reason, recoveryAttempts, sequence, ...lease });
  return { type: 'committed', released: lease.owner === undefined };
}

function newRecord({ runId, run }: Commit, create: NewRun): RunRecord {
  return frozenCopy({
    runId,
    workflow: create.workflow,
    version: create.version,
    tags: create.tags,
    idempotencyKey: create.idempotencyKey,
    inputDigest: create.inputDigest,
    createdAt: create.createdAt,
    status: run.status,
    updatedAt: run.updatedAt,
    recoveryAttempts: run.recoveryAttempts,
    sequence: 0,
    fence: 1,
  });
}

function existing(tables: MemoryTables, runId: string): MemoryRun {
  const run = tables.runs.get(runId);
  if (!run) throw new Error(`Run "${runId}" is gone between the check of a commit and its writing.`);
  return run;
}

function openHooks(tables: MemoryTables, run: MemoryRun, { opensHooks }: Commit): void {
  for (const record of opensHooks) {
    const hook = { record: frozenCopy(record) };
    run.hooks.set(record.id, hook);
    tables.hooksByToken.set(record.token, hook);
  }
}

function settleHooks(run: MemoryRun, ids: Iterable<string>, status: HookStatus): void {
  for (const id of ids) {
    const hook = run.hooks.get(id);
    if (hook?.record.status === 'open') hook.record = changed(hook.record, { status });
  }
}

function dropLeftovers(run: MemoryRun): void {
  settleHooks(run, run.hooks.keys(), 'closed');
  run.inbox.clear();
  run.keys.clear();
  run.heartbeats.clear();
}

type LeaseColumns = Pick<RunRecord, 'owner' | 'leaseUntil' | 'wakeAt'>;

function leaseAfter(run: MemoryRun, { lease, run: { status } }: Commit): LeaseColumns {
  if (isEnded(status)) return { owner: undefined, leaseUntil: undefined, wakeAt: undefined };
  if (lease.type === 'release' && !hasWaking(run, status)) {
    return { owner: undefined, leaseUntil: undefined, wakeAt: lease.wakeAt };
  }
  return { owner: lease.owner, leaseUntil: lease.until, wakeAt: lease.until };
}
