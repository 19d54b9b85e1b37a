import type { RunStatus } from '../../core/index.js';
import type { Statements } from './statements.js';

const WAITING = 'SELECT key, type FROM workflow_inbox WHERE run_id = ? AND NOT consumed';

const FORGET_MESSAGES = 'DELETE FROM workflow_inbox WHERE run_id = ?';
const FORGET_HEARTBEATS = 'DELETE FROM workflow_heartbeat WHERE run_id = ?';
const CLOSE_HOOKS = `UPDATE workflow_hook SET status = 'closed' WHERE run_id = ? AND status = 'open'`;

/** Few runs leave anything, and a call of the driver costs more than the look. */
const LEAVES_SOMETHING = `
  SELECT 1 WHERE EXISTS (SELECT 1 FROM workflow_inbox WHERE run_id = ?)
    OR EXISTS (SELECT 1 FROM workflow_heartbeat WHERE run_id = ?)
    OR EXISTS (SELECT 1 FROM workflow_hook WHERE run_id = ? AND status = 'open')`;

/** True if the inbox holds what the run must be activated for, apart from the messages that are just consumed. */
export function hasWaking(
  statements: Statements,
  runId: string,
  status: RunStatus,
  consumed: readonly string[] = [],
): boolean {
  const waiting = statements.all<{ key: string; type: string }>(WAITING, [runId]);
  if (waiting.length === 0) return false;
  const keys = new Set(consumed);
  return waiting.some(({ key, type }) => !keys.has(key) && wakes(type, status));
}

/** A run that waits for a person is woken by a person only. */
function wakes(type: string, status: RunStatus): boolean {
  if (status !== 'blocked' && status !== 'paused') return true;
  return type === 'workflow.resumed' || type === 'workflow.cancel_requested';
}

/** Removes what an ended run has no use for. */
export function leaveNothingBehind(statements: Statements, runId: string): void {
  if (!statements.get(LEAVES_SOMETHING, [runId, runId, runId])) return;
  statements.run(FORGET_MESSAGES, [runId]);
  statements.run(FORGET_HEARTBEATS, [runId]);
  statements.run(CLOSE_HOOKS, [runId]);
}
