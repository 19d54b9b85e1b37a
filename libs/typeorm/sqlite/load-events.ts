import type { HistoryEvent } from '../../core/index.js';
import { LOAD_EVENTS } from '../reading-sql.js';
import { type EventColumns, eventOf } from '../rows.js';
import type { Statements } from './statements.js';

/** A page as one text: a row for each event costs more than all else that a replay does with it. */
const LOAD_PAGE = `
  SELECT json_group_array(json_array(sequence, at, type, ref, payload, json(attributes))) AS page FROM (${LOAD_EVENTS})`;

export function loadEvents(
  statements: Statements,
  runId: string,
  after: number,
  limit: number,
): readonly HistoryEvent[] {
  const row = statements.get<{ page: string }>(LOAD_PAGE, [runId, after, limit]);
  return (JSON.parse(row?.page ?? '[]') as EventColumns[]).map(eventOf);
}
