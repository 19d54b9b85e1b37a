import { type Commit, type CommitResult, type HookRecord, type NewRun } from '../core/index.js';
import { escaped, unescaped } from './escaped-text.js';
import { sortableTime } from './position.js';
import { type RunHead, toEventRow } from './rows.js';
import type { ScriptCall } from './redis-connection.js';
import { COMMIT } from './scripts/commit.script.js';
import { wholeNumber } from './whole-number.js';

/**
 * A commit in the words of its script.
 *
 * @param isRepeated it was handed in before, and nobody knows whether it was written
 * @throws InvalidInputError if it holds a time or a number that cannot be stored
 */
export function commitCall(commit: Commit, isRepeated: boolean): ScriptCall {
  const { runId, fence, baseSequence, events, compacts, create, run, lease } = commit;
  const { status, recoveryAttempts, ...body } = run;
  const told = {
    isRepeated,
    run: escaped(runId),
    fence: wholeNumber('The fence', fence),
    base: wholeNumber('The sequence', baseSequence),
    head: String(baseSequence + events.length),
    status,
    recovery: wholeNumber('recoveryAttempts', recoveryAttempts),
    owner: escaped(lease.owner),
    leaseEnd: wholeNumber('The end of the lease', lease.until),
    releases: lease.type === 'release',
    wakeAt: lease.type === 'release' && lease.wakeAt !== undefined ? wholeNumber('wakeAt', lease.wakeAt) : undefined,
    create: create && toldOfNew(create),
    compacts: (compacts ?? []).map((event) => ({
      from: event.attributes.from,
      through: event.sequence,
      row: toEventRow(event),
    })),
    consumes: commit.consumes.map(escaped),
    forgets: (commit.forgets ?? []).map(escaped),
    expires: commit.expiresHooks.map(escaped),
    closes: commit.closesHooks.map(escaped),
    opens: commit.opensHooks.map(toldOfHook),
  };
  const head = create ? JSON.stringify(headOf(create)) : '';
  return { script: COMMIT, told, texts: [JSON.stringify(body), head, ...events.map(toEventRow)] };
}

export function toCommitResult(reply: unknown): CommitResult {
  const [type, about, head] = reply as readonly [CommitResult['type'], never, string?];
  switch (type) {
    case 'committed':
      return { type, released: about === 1 };
    case 'fenced':
      return { type };
    case 'duplicate':
      return { type, runId: unescaped(about), inputDigest: (JSON.parse(head ?? '{}') as RunHead).inputDigest };
    case 'token_taken':
    case 'hook_settled':
      return { type, hookId: unescaped(about) };
  }
}

function headOf({ workflow, version, tags, idempotencyKey, inputDigest, createdAt }: NewRun): RunHead {
  return { workflow, version, tags, idempotencyKey, inputDigest, createdAt };
}

function toldOfNew({ workflow, idempotencyKey, tags, createdAt }: NewRun) {
  return {
    created: sortableTime(createdAt),
    workflow: escaped(workflow),
    tags: tags.map(escaped),
    start: idempotencyKey === undefined ? undefined : `${escaped(workflow)}\n${escaped(idempotencyKey)}`,
  };
}

function toldOfHook({ id, token, status, multiple, createdAt, expiresAt, defined }: HookRecord) {
  const details = JSON.stringify({ token, createdAt, expiresAt, defined });
  return { id: escaped(id), token: escaped(token), status, isMultiple: multiple, details };
}
