import type { RunFilter, RunPage, RunRecord } from '../core/index.js';
import { matches, newestFirst, readCursor, writeCursor } from '../tables/index.js';
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
  found.sort(newestFirst);
  const page = found.slice(0, filter.limit);
  const runs = await Promise.all(page.map((run) => ('rowAt' in run ? backend.reader.endedRow(run) : run)));
  const end = page.at(-1);
  return end && found.length > page.length ? { runs, nextCursor: writeCursor(end) } : { runs };
}
