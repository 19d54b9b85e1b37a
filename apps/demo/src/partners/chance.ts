/** A number from 0 to 1 that depends on nothing but the text: the demo's bad luck is the same each time. */
export function chance(text: string): number {
  let hash = 2_166_136_261; // FNV-1a
  for (const character of text) hash = Math.imul(hash ^ character.codePointAt(0)!, 16_777_619);
  hash ^= hash >>> 15;
  return (Math.imul(hash, 2_246_822_519) >>> 0) / 2 ** 32;
}
