/** Statements that only read, in SQL that every database understands, with `?` for each parameter. */

import { RUN_COLUMNS } from './rows.js';

export const findRuns = (list: string): string =>
  `SELECT ${RUN_COLUMNS.join(', ')} FROM workflow_run WHERE run_id IN (${list})`;

export const LOAD_EVENTS = `
  SELECT sequence, at, type, ref, payload, attributes FROM workflow_event
  WHERE run_id = ? AND sequence > ? ORDER BY sequence LIMIT ?`;

export const findInboxes = (list: string): string => `
  SELECT run_id, key, received_at, type, ref, payload, attributes FROM workflow_inbox
  WHERE run_id IN (${list}) AND NOT consumed ORDER BY position`;

export const FIND_INBOX = findInboxes('?');

const HOOK_COLUMNS = 'run_id, id, token, status, multiple, created_at, expires_at, delivery_id, defined';

/** The open hook of a token, or the latest that had it. */
export const FIND_HOOK_BY_TOKEN = `
  SELECT ${HOOK_COLUMNS} FROM workflow_hook WHERE token = ?
  ORDER BY CASE WHEN status = 'open' THEN 0 ELSE 1 END, position DESC LIMIT 1`;

export const LIST_HOOKS = `SELECT ${HOOK_COLUMNS} FROM workflow_hook WHERE run_id = ? ORDER BY position`;

const HEARTBEATS = 'SELECT run_id, id, attempt, worker, until FROM workflow_heartbeat WHERE run_id = ?';

export const LIST_HEARTBEATS = `${HEARTBEATS} ORDER BY id`;

export function heartbeatsOf(calls: number): string {
  return `${HEARTBEATS} AND id IN (${Array.from({ length: calls }, () => '?').join(', ') || 'NULL'}) ORDER BY id`;
}

/**
 * Runs whose alarm has come, runs that nobody holds whose alarm comes soon, and runs that nobody holds with a message
 * that counts; each once, by what is earlier. Parameters: ahead, now, limit, ahead, limit, limit.
 */
export const FIND_DUE = `
  SELECT run_id, MIN(due_at) AS due_at, MAX(suspect) AS suspect FROM (
    SELECT * FROM (
      SELECT run_id, wake_at AS due_at, CASE WHEN status = 'running' AND owner IS NOT NULL THEN 1 ELSE 0 END AS suspect
      FROM workflow_run WHERE wake_at <= ? AND (owner IS NULL OR wake_at <= ?) ORDER BY wake_at LIMIT ?
    ) AS alarms
    UNION ALL
    SELECT * FROM (
      SELECT message.run_id, MIN(message.received_at) AS due_at, 0 AS suspect
      FROM workflow_inbox AS message JOIN workflow_run AS run ON run.run_id = message.run_id
      WHERE NOT message.consumed AND message.received_at <= ? AND run.owner IS NULL
        AND (run.status NOT IN ('blocked', 'paused')
          OR message.type IN ('workflow.resumed', 'workflow.cancel_requested'))
      GROUP BY message.run_id ORDER BY 2 LIMIT ?
    ) AS messages
  ) AS due
  GROUP BY run_id ORDER BY 2, 1 LIMIT ?`;
