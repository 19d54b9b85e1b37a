import { type Commit, isEnded, type NewRun } from '../../core/index.js';
import { draftColumns } from '../rows.js';
import { CHANGES, type CommitParts, COMPACTED, CONSUMED, CREATIONS, EVENTS, TAGS } from './commit-statement.js';
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
  if (parts.changes) parameters.push(...perRun(CHANGES, changes.map(changeRow)));
  if (parts.consumes) parameters.push(...CONSUMED.values(changes.flatMap(consumedRows)));
  if (parts.compaction) parameters.push(...COMPACTED.values(changes.flatMap(compactedRows)));
  if (parts.creations) parameters.push(...perRun(CREATIONS, creations.map(creationRow)));
  if (parts.tags) parameters.push(...TAGS.values(creations.flatMap(tagRows)));
  return parameters;
}

function eventRows({ runId, events }: Commit): PgRow[] {
  return events.map((event) => [runId, event.sequence, event.at, ...draftColumns(event)]);
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

function changeRow({ runId, fence, baseSequence, events, run, lease }: Commit): PgRow {
  const { status, updatedAt, output = null, error = null, reason = null, recoveryAttempts, endedAt = null } = run;
  return [
    ...[runId, fence, lease.owner, baseSequence],
    ...[status, baseSequence + events.length, updatedAt, output, error, reason, recoveryAttempts],
    ...[lease.until, leaseAlarm(lease.until)],
    ...[isEnded(status), lease.type === 'release', wakeAtOf(lease), endedAt],
  ];
}

function creationRow({ runId, create, events, run, lease }: Creation): PgRow {
  const { workflow, version, tags, idempotencyKey = null, inputDigest = null, createdAt } = create;
  const { status, updatedAt, output = null, error = null, reason = null, recoveryAttempts, endedAt = null } = run;
  return [
    ...[runId, workflow, version, JSON.stringify(tags), idempotencyKey, inputDigest, createdAt],
    ...[status, events.length, updatedAt, output, error, reason, recoveryAttempts, endedAt],
    ...leaseColumns(run.status, lease),
  ];
}

function leaseColumns(status: Commit['run']['status'], lease: Commit['lease']): PgRow {
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
