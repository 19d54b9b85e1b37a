import { type Commit, isEnded, type NewRun } from '../../core/index.js';
import { draftColumns } from '../rows.js';
import {
  changesOf,
  type CommitParts,
  COMPACTED,
  CONSUMED,
  CREATIONS,
  EVENTS,
  HOLDS,
  TAGS,
} from './commit-statement.js';
import { leaseAlarm } from './lease-alarm.js';
import type { PgRow, RowsParameter } from './rows-parameter.js';

export type Creation = Commit & { readonly create: NewRun };

export function isCreation(commit: Commit): commit is Creation {
  return commit.create !== undefined;
}

/** The parts that a batch needs. More would do no harm, but cost time. */
export function partsOf(commits: readonly Commit[]): CommitParts {
  const isAlone = commits.length === 1;
  const changes = commits.filter((commit) => !isCreation(commit));
  const isEnd = ({ run }: Commit): boolean => isEnded(run.status);
  const ends = changes.some(isEnd);
  const releases = changes.some((commit) => !isEnd(commit) && commit.lease.type === 'release');
  const consumes = changes.some((commit) => !isEnd(commit) && commit.consumes.length > 0);
  // Batches of many kinds have them all, so that a few statements serve them.
  const lettingGo = !isAlone && (ends || releases || consumes);
  return {
    isAlone,
    changes: changes.length > 0,
    ends: ends || lettingGo,
    releases: releases || lettingGo,
    consumes: consumes || lettingGo,
    compaction: changes.some(({ compacts }) => compacts !== undefined),
    creations: changes.length < commits.length,
    tags: commits.some(({ create }) => create && create.tags.length > 0),
  };
}

/** The parameters of `commitStatement(parts)`. */
export function commitParameters(commits: readonly Commit[], parts: CommitParts): readonly unknown[] {
  const changes = commits.filter((commit) => !isCreation(commit));
  const creations = commits.filter(isCreation);
  const perRun = (parameter: RowsParameter, rows: readonly PgRow[]): readonly unknown[] =>
    parts.isAlone ? rows.flat() : parameter.values(rows);
  const parameters = [...EVENTS.values(commits.flatMap(eventRows))];
  const changed = changesOf(parts);
  if (parts.changes) parameters.push(...perRun(changed, changes.map(changed === HOLDS ? heldRow : changeRow)));
  if (parts.consumes) parameters.push(...CONSUMED.values(changes.flatMap(consumedRows)));
  if (parts.compaction) parameters.push(...COMPACTED.values(changes.flatMap(compactedRows)));
  if (parts.creations) parameters.push(...perRun(CREATIONS, creations.map(creationRow)));
  if (parts.tags) parameters.push(...TAGS.values(creations.flatMap(tagRows)));
  return parameters;
}

// Rows are literals, without `...`: there are many of them, and V8 makes a row of pieces one value at a time.

function eventRows({ runId, events }: Commit): PgRow[] {
  return events.map((event): PgRow => {
    const [type, ref, payload, attributes] = draftColumns(event);
    return [runId, event.sequence, event.at, type, ref, payload, attributes];
  });
}

function compactedRows({ runId, compacts = [] }: Commit): PgRow[] {
  return compacts.map(({ type, sequence, attributes }) => [
    runId,
    attributes.from,
    sequence,
    type,
    JSON.stringify(attributes),
  ]);
}

function heldRow({ runId, fence, baseSequence, events, run, lease }: Commit): PgRow {
  return [
    runId,
    fence,
    lease.owner,
    baseSequence,
    run.status,
    baseSequence + events.length,
    run.updatedAt,
    run.output ?? null,
    run.error ?? null,
    run.reason ?? null,
    run.recoveryAttempts,
    lease.until,
    leaseAlarm(lease.until),
  ];
}

function changeRow(commit: Commit): PgRow {
  const { run, lease } = commit;
  return [...heldRow(commit), isEnded(run.status), lease.type === 'release', wakeAtOf(lease), run.endedAt ?? null];
}

function creationRow({ runId, create, events, run, lease }: Creation): PgRow {
  const [owner, until, wakeAt] = leaseColumns(run.status, lease);
  return [
    runId,
    create.workflow,
    create.version,
    JSON.stringify(create.tags),
    create.idempotencyKey ?? null,
    create.inputDigest ?? null,
    create.createdAt,
    run.status,
    events.length,
    run.updatedAt,
    run.output ?? null,
    run.error ?? null,
    run.reason ?? null,
    run.recoveryAttempts,
    run.endedAt ?? null,
    owner,
    until,
    wakeAt,
  ];
}

function leaseColumns(
  status: Commit['run']['status'],
  lease: Commit['lease'],
): [owner: string | null, until: number | null, wakeAt: number | null] {
  if (isEnded(status)) return [null, null, null];
  if (lease.type === 'release') return [null, null, lease.wakeAt ?? null];
  return [lease.owner, lease.until, leaseAlarm(lease.until)];
}

/** An ended run's messages are all deleted, which must not meet an update of the same rows. */
function consumedRows({ runId, run, consumes, forgets }: Commit): PgRow[] {
  const forgotten = new Set(forgets);
  return isEnded(run.status) ? [] : consumes.map((key) => [runId, key, forgotten.has(key)]);
}

function tagRows({ runId, create }: Creation): PgRow[] {
  return create.tags.map((tag) => [tag, create.createdAt, runId]);
}

function wakeAtOf(lease: Commit['lease']): number | null {
  return lease.type === 'release' ? (lease.wakeAt ?? null) : null;
}
