import { pageOf, readCursor, type RunFilter, type RunPage, type RunRecord } from '../core/index.js';
import { matches, newestFirst } from '../tables/index.js';
import type { EndedRun } from './ended-runs.js';
import type { FileBackend } from './file.backend.js';

/** A page of runs: their rows from memory, and from the files of those that have ended. */
export async function listRuns(backend: FileBackend, filter: RunFilter): Promise<RunPage> {
  const last = filter.cursor === undefined ? undefined : readCursor(filter.cursor);
  const found: (RunRecord | EndedRun)[] = [];
  for (const { record } of backend.tables.runs.values()) {
    if (matches(record, filter) && (!last || newestFirst(record, last) > 0)) found.push(record);
  }
  let ended = 0;
  for (const run of backend.ended.newest(last)) {
    if (ended > filter.limit) break;
    if (!matches(run, filter) || backend.tables.runs.has(run.runId)) continue;
    found.push(run);
    ended++;
  }
  const page = pageOf(found.sort(newestFirst), filter.limit);
  const rows = page.runs.map((run) => ('rowAt' in run ? backend.reader.endedRow(run) : run));
  return { ...page, runs: await Promise.all(rows) };
}
