/** One step into a value: a field name, an array index, or text that already reads as a step. */
export type PathSegment = string | number | { readonly text: string };

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const MAX_KEY_LENGTH = 40;
const MAX_SEGMENTS = 30;
const LAST_SEGMENTS = 5;

/** Writes a path the way code reads it: `args[0].tags.get("vip")["full name"]`. The middle of a very long one is left out. */
export function formatPath(label: string, segments: readonly PathSegment[]): string {
  const texts = segments.map(formatSegment);
  if (texts.length > MAX_SEGMENTS) texts.splice(MAX_SEGMENTS - LAST_SEGMENTS, texts.length - MAX_SEGMENTS, ' ... ');
  return label + texts.join('');
}

/** The step to what a Map holds under `key`. */
export function mapValueSegment(key: unknown): PathSegment {
  return { text: `.get(${describeKey(key)})` };
}

/** The step to the key itself of a Map's entry. */
export function mapKeySegment(index: number): PathSegment {
  return { text: `.keys()[${index}]` };
}

/** The step to a member of a Set. */
export function setMemberSegment(index: number): PathSegment {
  return { text: `.values()[${index}]` };
}

function formatSegment(segment: PathSegment): string {
  if (typeof segment === 'number') return `[${segment}]`;
  if (typeof segment === 'object') return segment.text;
  return IDENTIFIER.test(segment) ? `.${segment}` : `[${JSON.stringify(shorten(segment))}]`;
}

function describeKey(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(shorten(key));
  return typeof key === 'object' || typeof key === 'function' || typeof key === 'symbol' ? '...' : String(key);
}

function shorten(key: string): string {
  return key.length > MAX_KEY_LENGTH ? `${key.slice(0, MAX_KEY_LENGTH)}...` : key;
}
