import type { ProcessRecord } from '../../core/index.js';
import { processColumns, type ProcessRow, toProcessRecord } from '../rows.js';
import type { Statements } from './statements.js';

const ANNOUNCE = `
  INSERT INTO workflow_process (owner, role, workflows, steps, until) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (owner) DO UPDATE SET role = excluded.role, workflows = excluded.workflows, steps = excluded.steps,
    until = excluded.until`;
const FORGET = 'DELETE FROM workflow_process WHERE until <= ?';
const LIST = 'SELECT owner, role, workflows, steps, until FROM workflow_process ORDER BY owner';

/** The file has no clock: its one process has the right one. */
export function announce(statements: Statements, process: ProcessRecord): undefined {
  statements.run(ANNOUNCE, processColumns(process));
}

export function processes(statements: Statements, now: number): readonly ProcessRecord[] {
  statements.run(FORGET, [now]);
  return statements.all<ProcessRow>(LIST).map(toProcessRecord);
}
