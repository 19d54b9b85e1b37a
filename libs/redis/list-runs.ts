import { pageOf, type RunFilter, type RunPage, type RunRecord } from '../core/index.js';
import { escaped, unescaped } from './escaped-text.js';
import { comparePlaces, placeRange, TIME_LENGTH } from './position.js';
import type { RedisReader } from './redis-reader.js';
import { type RunRow, toRunRecord } from './rows.js';
import { LIST_RUNS } from './scripts/list-runs.script.js';

/** How many places of a list one call looks at, so that it does not hold up the server. */
const MOST_PLACES = 1_000;

type Part = readonly [lastPlace: string, isExhausted: 0 | 1, runs: readonly (readonly [place: string, row: RunRow])[]];

/** The runs of one page. Another one tells whether a page follows. */
export async function listRuns(reader: RedisReader, filter: RunFilter): Promise<RunPage> {
  const groups = groupsOf(filter);
  const { upper: start, lower } = placeRange(filter);
  const found: RunRecord[] = [];
  for (let upper: string | undefined = start; upper !== undefined && found.length <= filter.limit;) {
    const wanted = filter.limit + 1 - found.length;
    const most = groups.length > 1 ? MOST_PLACES : Math.min(wanted, MOST_PLACES);
    const parts = (await reader.run({ script: LIST_RUNS, told: { groups, upper, lower, wanted, most } })) as Part[];
    const end = endOf(parts);
    found.push(...merged(parts, end));
    upper = end === undefined ? undefined : `(${end}`;
  }
  return pageOf(found, filter.limit);
}

/** A run matches if it stands in a list of each group. */
function groupsOf({ status, workflow, tags = [] }: RunFilter): readonly (readonly string[])[] {
  const groups = [
    ...(status ? [[...new Set(status)].map((one) => `status:${one}`)] : []),
    ...(workflow === undefined ? [] : [[`workflow:${escaped(workflow)}`]]),
    ...[...new Set(tags)].map((tag) => [`tag:${escaped(tag)}`]),
  ];
  return groups.length === 0 ? [['runs']] : groups;
}

/** Down to where all lists have been read; undefined if that is all of them. */
function endOf(parts: readonly Part[]): string | undefined {
  const ends = parts.filter(([, isExhausted]) => !isExhausted).map(([lastPlace]) => lastPlace);
  return ends.sort(comparePlaces).at(-1);
}

function merged(parts: readonly Part[], end: string | undefined): readonly RunRecord[] {
  const runs = parts.flatMap(([, , rows]) => rows);
  const read = end === undefined ? runs : runs.filter(([place]) => comparePlaces(place, end) >= 0);
  return [...read]
    .sort(([one], [other]) => comparePlaces(other, one))
    .flatMap(([place, row]) => toRunRecord(unescaped(place.slice(TIME_LENGTH)), row) ?? []);
}
