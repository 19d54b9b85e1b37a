/** What cannot stand in a key, or would divide a row: half a surrogate pair is no UTF-8. A backslash marks the others. */
const SPECIAL = /[\\\0\n]|\p{Surrogate}/gu;
const ESCAPE = /\\u([0-9a-f]{4})/g;

/** Ids as they stand in Redis: any text, without line ends, and different for different ids. */
export function escaped(id: string): string {
  return id.replace(SPECIAL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export function unescaped(text: string): string {
  return text.replace(ESCAPE, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
