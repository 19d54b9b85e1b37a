import type { Figures, Workload } from './workload.js';

export type Line = Figures & { readonly engine: string; readonly workload: string };

const HEAD = ['workload', 'engine', 'figure', 'of the first', 'more'];

/** A table in Markdown: a row for each line, with the figure as a ratio to that of the workload's first engine. */
export function table(
  lines: readonly Line[],
  workloads: Readonly<Record<string, Pick<Workload, 'figure' | 'unit' | 'also'>>>,
): string {
  const rows = lines.map((line) => {
    const workload = workloads[line.workload]!;
    const first = lines.find((other) => other.workload === line.workload && other[workload.figure] !== undefined);
    return row(line, workload, first);
  });
  return markdownTable(HEAD, rows);
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((cells) => cells[column]!.length)));
  const shown = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [shown(head), shown(widths.map((width) => '-'.repeat(width))), ...rows.map(shown)].join('\n');
}

function row(
  line: Line,
  { figure, unit, also = [] }: Pick<Workload, 'figure' | 'unit' | 'also'>,
  first?: Line,
): string[] {
  const { engine, workload, error, skipped } = line;
  if (error !== undefined) return [workload, engine, 'error', '', firstLine(String(error))];
  if (skipped !== undefined) return [workload, engine, 'n/a', '', String(skipped)];
  const more = also.filter((name) => line[name] !== undefined).map((name) => `${name} ${number(line[name])}`);
  return [workload, engine, `${number(line[figure])} ${unit}`, ratio(line[figure], first?.[figure]), more.join(', ')];
}

function ratio(value: unknown, first: unknown): string {
  if (typeof value !== 'number' || typeof first !== 'number' || first === 0) return '';
  const quotient = value / first;
  return `${quotient.toFixed(quotient < 10 ? 2 : 1)} x`;
}

export function number(value: unknown): string {
  return typeof value === 'number' ? value.toLocaleString('en-US', { maximumFractionDigits: 2 }) : String(value);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]!.slice(0, 100).replaceAll('|', '/');
}
