import { availableParallelism, cpus, totalmem } from 'node:os';
import { markdownTable, number } from './table.js';
import type { Line, Workload } from './workload.js';

const BETWEEN_MARKS = /(<!-- bench -->\n)[^]*?(<!-- \/bench -->)/;

interface Measured {
  readonly lines: readonly Line[];
  readonly workloads: Readonly<Record<string, Pick<Workload, 'figure' | 'unit'>>>;
  /** The machine and its servers. */
  readonly on: string;
}

/** A page with these figures between its marks: a row for each engine, a column for each workload. */
export function withFigures(page: string, { lines, workloads, on }: Measured): string {
  if (!BETWEEN_MARKS.test(page))
    throw new Error('The page has no <!-- bench --> and <!-- /bench --> to write between.');
  const engines = [...new Set(lines.map(({ engine }) => engine))];
  const measured = [...new Set(lines.map(({ workload }) => workload))];
  const head = ['', ...measured.map((name) => `${name}, ${workloads[name]!.figure} (${workloads[name]!.unit})`)];
  const rows = engines.map((engine) => [
    engine,
    ...measured.map((name) => {
      const line = lines.find((each) => each.engine === engine && each.workload === name);
      return number(line?.[workloads[name]!.figure] ?? 'n/a');
    }),
  ]);
  return page.replace(BETWEEN_MARKS, (_, begin, end) => `${begin}\n${markdownTable(head, rows)}\n\n${on}.\n\n${end}`);
}

/** What figures were measured on. */
export function machine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus()[0]?.model.trim() ?? 'Unknown CPU'}, ${availableParallelism()} cores, ${memory} GiB, Node.js ${process.version}`;
}
