import { median } from './statistics.js';
import type { Figures, Line } from './workload.js';

/** The lines of each workload and engine together, in the order in which they first came. */
export function bySubject(lines: readonly Line[]): readonly (readonly Line[])[] {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    const subject = `${line.workload} ${line.engine}`;
    groups.set(subject, [...(groups.get(subject) ?? []), line]);
  }
  return [...groups.values()];
}

/** One line for all rounds of an engine: the median of each figure, or the first error. */
export function overRounds(lines: readonly Line[]): Line {
  const failed = lines.find(({ error }) => error !== undefined);
  if (failed) return failed;
  const figures: Record<string, unknown> = { ...lines.at(-1) };
  for (const name of Object.keys(figures)) {
    const values = lines.map((line) => line[name]).filter((value) => typeof value === 'number');
    if (values.length > 0) figures[name] = median(values);
  }
  return figures as Line;
}

/** A figure as a part of that of another engine, for each round that measured both. */
export function ratios(figure: string, lines: readonly Figures[], others: readonly Figures[]): readonly number[] {
  return lines.flatMap((line) => {
    const other = others.find(({ round }) => round === line['round'])?.[figure];
    const value = line[figure];
    return typeof value === 'number' && typeof other === 'number' && other !== 0 ? [value / other] : [];
  });
}
