import type { Commit, CommitResult } from '../../core/index.js';
import type { Statements } from './statements.js';

const FIND_HOLDER = `SELECT run_id, id FROM workflow_hook WHERE token = ? AND status = 'open'`;
const IS_OPEN = `SELECT 1 FROM workflow_hook WHERE run_id = ? AND id = ? AND status = 'open'`;

/** What a hook of many payloads has accepted and its run has not read. */
const FIND_UNREAD = `
  SELECT key FROM workflow_inbox WHERE run_id = ? AND type = 'hook.received' AND ref = ? AND NOT consumed`;

const OPEN = `
  INSERT INTO workflow_hook (run_id, id, token, status, multiple, created_at, expires_at, defined)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`;

const EXPIRE = `UPDATE workflow_hook SET status = 'expired' WHERE run_id = ? AND id = ? AND status = 'open'`;
const CLOSE = `UPDATE workflow_hook SET status = 'closed' WHERE run_id = ? AND id = ? AND status = 'open'`;

/** A token that is taken, or a hook that was settled, refuses the whole commit. */
export function refusalOfHooks(statements: Statements, commit: Commit): CommitResult | undefined {
  const tokens = new Set<string>();
  for (const { id, token, status } of commit.opensHooks) {
    if (status !== 'open') continue;
    if (tokens.has(token) || isTaken(statements, token, commit)) return { type: 'token_taken', hookId: id };
    tokens.add(token);
  }
  for (const hookId of commit.expiresHooks) {
    const isOpen = statements.get(IS_OPEN, [commit.runId, hookId]);
    if (!isOpen || hasUnread(statements, commit, hookId)) return { type: 'hook_settled', hookId };
  }
  return undefined;
}

/** A hook of many payloads stays open when it accepts one, and must not expire before that is read. */
function hasUnread(statements: Statements, { runId, consumes }: Commit, hookId: string): boolean {
  const rows = statements.all<{ readonly key: string }>(FIND_UNREAD, [runId, hookId]);
  return rows.some(({ key }) => !consumes.includes(key));
}

/** A token that this very commit gives up is free for it. */
function isTaken(statements: Statements, token: string, { runId, expiresHooks, closesHooks }: Commit): boolean {
  const holder = statements.get<{ run_id: string; id: string }>(FIND_HOLDER, [token]);
  if (!holder) return false;
  return holder.run_id !== runId || !(expiresHooks.includes(holder.id) || closesHooks.includes(holder.id));
}

export function writeHooks(statements: Statements, { runId, opensHooks, expiresHooks, closesHooks }: Commit): void {
  for (const id of expiresHooks) statements.run(EXPIRE, [runId, id]);
  for (const id of closesHooks) statements.run(CLOSE, [runId, id]);
  for (const { id, token, status, multiple, createdAt, expiresAt, defined } of opensHooks) {
    const row = [runId, id, token, status, multiple ? 1 : 0, createdAt, expiresAt ?? null, defined ? 1 : null];
    statements.run(OPEN, row);
  }
}
