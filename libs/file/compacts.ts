import type { HistoryCompacted } from '../core/index.js';

/** Adds what takes the place of events, some of which may have taken the place of others before. */
export function addCompacts(known: HistoryCompacted[], more: readonly HistoryCompacted[] = []): void {
  if (more.length === 0) return;
  // Ranges lie in each other or apart: from the end on, the outer one comes first.
  const fromEnd = [...known, ...more].sort((a, b) => b.sequence - a.sequence || a.attributes.from - b.attributes.from);
  let begin = Infinity;
  const left = fromEnd.filter(({ sequence, attributes }) => {
    if (sequence >= begin) return false;
    begin = attributes.from;
    return true;
  });
  known.splice(0, Infinity, ...left.reverse());
}
