const MOST_LISTED = 20;

/** ` Did you mean "order"?`, or what there is to choose from. */
export function suggest(name: string, known: Iterable<string>): string {
  const names = [...known];
  const closest = closestTo(name, names);
  if (closest !== undefined) return ` Did you mean "${closest}"?`;
  if (names.length === 0) return '';
  const more = names.length > MOST_LISTED ? ` and ${names.length - MOST_LISTED} more` : '';
  return ` Known: ${names.slice(0, MOST_LISTED).join(', ')}${more}.`;
}

function closestTo(name: string, names: readonly string[]): string | undefined {
  if (name.length > 100) return undefined;
  const limit = Math.max(1, Math.floor(name.length / 3));
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const candidate of names) {
    if (Math.abs(candidate.length - name.length) > limit) continue;
    const distance = distanceOf(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && distance < (best?.distance ?? Infinity)) best = { name: candidate, distance };
  }
  return best?.name;
}

/** How many letters to change, add or remove to get from one word to the other. */
function distanceOf(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (previous[column - 1] as number) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] as number) + 1, (current[column - 1] as number) + 1));
    }
    previous = current;
  }
  return previous[to.length] as number;
}
