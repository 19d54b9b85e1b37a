import { existsSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isEnded } from '../core/index.js';
import { frozenCopy, RunTables } from '../tables/index.js';
import { addCompacts } from './compacts.js';
import { type EndedRun, endedRun } from './ended-runs.js';
import { StoreCorruptError } from './errors.js';
import { fileName } from './file-name.js';
import type { Layout } from './layout.js';
import { readLines } from './lines.js';
import { parseLine, type RunLine } from './record.js';
import { newRunFile, type RunFile } from './run-files.js';
import { Slots } from './slots.js';

const FILES_AT_ONCE = 16;
const EXTENSION = '.jsonl';

export interface LoadedRun {
  readonly runId: string;
  readonly file: RunFile;
}

/** Reads the files of the runs that are not put away into the tables. Half a line at the end of a file is cut off. */
export async function loadLive(layout: Layout, tables: RunTables): Promise<readonly LoadedRun[]> {
  const slots = new Slots(FILES_AT_ONCE);
  const loads = filesIn(layout.live).map((path) => slots.run(() => loadRun(path, tables, 'cut')));
  return (await Promise.all(loads)).flatMap((run) => run ?? []);
}

/** @returns undefined if the file holds nothing, as its first line was never written whole */
async function loadRun(path: string, tables: RunTables, onTorn: 'cut' | 'fail'): Promise<LoadedRun | undefined> {
  const file = newRunFile(path);
  let runId: string | undefined;
  let sequence = 0;
  let number = 0;
  for await (const { text, start, end, isWhole } of readLines(path)) {
    number++;
    if (!isWhole && onTorn === 'cut' && (await isLast(path, end))) {
      truncateSync(path, start);
      break;
    }
    const line = parseLine<RunLine>(text);
    if (!line) throw new StoreCorruptError(path, number, 'is not what was written there');
    const { events = [], ...rows } = line;
    runId ??= rows.row?.runId;
    if (runId === undefined) throw new StoreCorruptError(path, number, 'should say which run this is');
    sequence += events.length;
    if ((rows.row?.sequence ?? sequence) !== sequence)
      throw new StoreCorruptError(path, number, 'follows events that are missing');
    const change = frozenCopy({ ...rows, runId });
    tables.apply(change);
    addCompacts(file.compacts, change.compacts);
    file.size = end;
    file.lastLineAt = start;
  }
  if (runId === undefined) {
    rmSync(path);
    return undefined;
  }
  if (fileName(runId) !== basename(path))
    throw new StoreCorruptError(path, 1, `is of run "${runId}", whose file is ${fileName(runId)}`, MISPLACED);
  return { runId, file };
}

const MISPLACED = 'Files of a store keep their names: move copies elsewhere.';

async function isLast(path: string, end: number): Promise<boolean> {
  for await (const _ of readLines(path, end)) return false;
  return true;
}

/** What the index says of the runs that have ended. It is made again if it is gone. */
export async function loadEnded(layout: Layout): Promise<ReadonlyMap<string, EndedRun>> {
  if (!existsSync(layout.endedIndex)) await makeIndex(layout);
  const runs = new Map<string, EndedRun>();
  const workflows = new Map<string, string>();
  let number = 0;
  for await (const { text, start, end, isWhole } of readLines(layout.endedIndex)) {
    number++;
    if (!isWhole && (await isLast(layout.endedIndex, end))) {
      truncateSync(layout.endedIndex, start);
      break;
    }
    const run = parseLine<EndedRun>(text);
    if (typeof run?.runId !== 'string' || !Array.isArray(run.tags))
      throw new StoreCorruptError(layout.endedIndex, number, 'is not what was written there', REMAKE);
    runs.set(run.runId, withSharedText(run, workflows));
  }
  return runs;
}

const REMAKE = 'Delete this file while no process has the store open: it is made again from the histories.';

/** A hundred thousand runs have few workflows, and often no tags. */
function withSharedText(run: EndedRun, workflows: Map<string, string>): EndedRun {
  const workflow = workflows.get(run.workflow) ?? run.workflow;
  workflows.set(workflow, workflow);
  return { ...run, workflow, tags: run.tags.length === 0 ? NO_TAGS : run.tags };
}

const NO_TAGS: readonly string[] = [];

async function makeIndex({ ended, endedIndex }: Layout): Promise<void> {
  const slots = new Slots(FILES_AT_ONCE);
  const paths = readdirSync(ended, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => filesIn(join(ended, name)));
  const lines = await Promise.all(paths.map((path) => slots.run(() => indexLineOf(path))));
  writeFileSync(`${endedIndex}.new`, lines.join(''), { flush: true });
  renameSync(`${endedIndex}.new`, endedIndex);
}

async function indexLineOf(path: string): Promise<string> {
  const tables = new RunTables();
  const loaded = await loadRun(path, tables, 'fail');
  const rows = loaded && tables.runs.get(loaded.runId);
  if (!loaded || !rows || !isEnded(rows.record.status))
    throw new StoreCorruptError(path, undefined, 'is among the histories that have ended, and has not');
  return `${JSON.stringify(endedRun(rows, loaded.file))}\n`;
}

function filesIn(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(EXTENSION))
    .map((name) => join(directory, name));
}
