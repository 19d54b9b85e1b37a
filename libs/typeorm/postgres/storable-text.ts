import {
  type Claim,
  type Commit,
  type HistoryEvent,
  type InboxDraft,
  type InboxMessage,
  InvalidInputError,
} from '../../core/index.js';

/** @throws InvalidInputError if a commit holds text that PostgreSQL cannot store */
export function checkCommit({ runId, events, create, run, lease, consumes, opensHooks }: Commit): void {
  check('The run id', runId);
  check('The lease owner', lease.owner);
  for (const event of events) checkDraft(event);
  for (const key of consumes) check('The key of a message', key);
  check('The output', run.output);
  check('The error', run.error);
  check('The reason', run.reason);
  if (create) {
    for (const tag of create.tags) check('A tag', tag);
    check('The workflow name', create.workflow);
    check('The idempotency key', create.idempotencyKey);
    check('The input digest', create.inputDigest);
  }
  for (const { id, token } of opensHooks) {
    check('The id of a hook', id);
    check('The token of a hook', token);
  }
}

/** @throws InvalidInputError if a message holds text that PostgreSQL cannot store */
export function checkMessage({ runId, key, draft }: InboxMessage): void {
  check('The run id', runId);
  check('The key of a message', key);
  checkDraft(draft);
}

/** @throws InvalidInputError if a claim holds text that PostgreSQL cannot store */
export function checkClaim({ runId, owner }: Claim): void {
  check('The run id', runId);
  check('The owner', owner);
}

/** Attributes are stored as JSON, which escapes what is not allowed. */
function checkDraft(draft: HistoryEvent | InboxDraft): void {
  if ('id' in draft) check(`The id of ${draft.type}`, draft.id);
  if ('payload' in draft) check(`The payload of ${draft.type}`, draft.payload);
}

/** @throws InvalidInputError if PostgreSQL would refuse the text, or change it */
export function check(what: string, text: string | undefined): void {
  if (text === undefined || isStorable(text)) return;
  throw new InvalidInputError(
    `${what} has ${text.includes('\0') ? 'a NUL character' : 'half a surrogate pair'} in it, which PostgreSQL cannot store. ` +
      'Take it out, or encode the text, as the codec does with payloads.',
  );
}

/** Half a surrogate pair would come back as another character. */
function isStorable(text: string): boolean {
  return !text.includes('\0') && (text as string & { isWellFormed(): boolean }).isWellFormed();
}
