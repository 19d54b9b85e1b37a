import type { LedgerRow } from '../partners/ledger.js';
import type { Audit } from './audit.js';
import { groupBy } from './group-by.js';

/** How the orders ended, as a table. */
export function statesTable({ states }: Audit): string {
  const rows = [...states].sort(([, a], [, b]) => b - a);
  return table(
    ['orders', ''],
    rows.map(([state, count]) => [state, String(count)]),
  );
}

/** What the partners were asked for and what they did, as a table. */
export function callsTable(rows: readonly LedgerRow[]): string {
  const services = [...groupBy(rows, ({ partner, action }) => `${partner}: ${action}`)];
  const lines = services
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([service, calls]) => {
      const count = (isSo: (row: LedgerRow) => boolean | undefined): string => String(calls.filter(isSo).length);
      return [
        service,
        String(calls.length),
        count(({ outcome }) => outcome === 'unavailable'),
        count(({ isAnswerLost }) => isAnswerLost),
        count(({ outcome }) => outcome === 'repeated'),
        count(({ outcome }) => outcome === 'refused'),
        count(({ outcome }) => outcome === 'done'),
      ];
    });
  return table(
    ['partner: call', 'calls', 'unavailable', 'answer lost', 'repeats recognised', 'refused', 'done once'],
    lines,
  );
}

export function sayWhatWasRetried(rows: readonly LedgerRow[]): string {
  const failed = rows.filter(({ outcome }) => outcome === 'unavailable').length;
  const lost = rows.filter(({ isAnswerLost }) => isAnswerLost).length;
  const repeated = rows.filter(({ outcome }) => outcome === 'repeated').length;
  return (
    `${failed} calls that failed and ${lost} whose answer was lost; ` +
    `${repeated} calls came again to a partner that had done its work, and had no second effect`
  );
}

/** How many runs of each workflow are in which state. */
export type Report = Readonly<Record<string, Readonly<Record<string, number>>>>;

export function sayWhatTheEngineSays(report: Report): string {
  const countsOf = (counts: Report[string]): string =>
    Object.entries(counts)
      .map(([status, count]) => `${count} ${status}`)
      .join(', ');
  return Object.entries(report)
    .map(([workflow, counts]) => `${workflow}: ${countsOf(counts)}`)
    .join('; ');
}

/** The first column is text, the others are numbers. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('   ');
  const rule = widths.map((width) => '─'.repeat(width)).join('───');
  return [line(head), rule, ...rows.map(line)].map((text) => `  ${text}`.trimEnd()).join('\n');
}
