import { bySubject, overRounds, ratios } from './rounds.js';
import { median } from './statistics.js';
import type { Line, Workload } from './workload.js';

const HEAD = ['workload', 'engine', 'figure', 'of the first', 'more'];

/** A table in Markdown: a row for each engine and workload, with the figure as a ratio to that of the workload's first engine. */
export function table(
  lines: readonly Line[],
  workloads: Readonly<Record<string, Pick<Workload, 'figure' | 'unit' | 'also'>>>,
): string {
  const subjects = bySubject(lines);
  const rows = subjects.map((subject) => {
    const { workload: name } = subject[0]!;
    const workload = workloads[name]!;
    const first = subjects.find(([line]) => line!.workload === name && line![workload.figure] !== undefined);
    return row(subject, workload, first);
  });
  return markdownTable(HEAD, rows);
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((cells) => cells[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function row(
  lines: readonly Line[],
  { figure, unit, also = [] }: Pick<Workload, 'figure' | 'unit' | 'also'>,
  first: readonly Line[] = [],
): string[] {
  const line = overRounds(lines);
  const { engine, workload, error, skipped } = line;
  if (error !== undefined) return [workload, engine, 'error', '', firstLine(String(error))];
  if (skipped !== undefined) return [workload, engine, 'n/a', '', String(skipped)];
  const more = also.filter((name) => line[name] !== undefined).map((name) => `${name} ${number(line[name])}`);
  return [workload, engine, `${number(line[figure])} ${unit}`, shown(ratios(figure, lines, first)), more.join(', ')];
}

/** The middle of some ratios, and where there are several, how far they lie apart. */
function shown(quotients: readonly number[]): string {
  if (quotients.length === 0) return '';
  const rounded = (quotient: number): string => quotient.toFixed(quotient < 10 ? 2 : 1);
  const range = `${rounded(Math.min(...quotients))} to ${rounded(Math.max(...quotients))}`;
  return `${rounded(median(quotients))} x${quotients.length > 1 ? ` (${range})` : ''}`;
}

export function number(value: unknown): string {
  return typeof value === 'number' ? value.toLocaleString('en-US', { maximumFractionDigits: 2 }) : String(value);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!.slice(0, 100).replaceAll('|', '/');
}
