import { SerializationError } from './errors.js';
import { formatPath, mapKeySegment, mapValueSegment, type PathSegment, setMemberSegment } from './path.js';
import { Tagged } from './tagged.js';

const KIB = 1024;
// No character takes more bytes of UTF-8 than this for each of its UTF-16 units.
const MAX_BYTES_PER_UNIT = 3;

interface Part {
  readonly segment?: PathSegment;
  readonly value: unknown;
}

/**
 * Refuses a text that is too large, and says which part of the value to make smaller.
 * A short text costs one comparison.
 */
export function assertSize(text: string, maxBytes: number, value: unknown, label: string): void {
  if (text.length * MAX_BYTES_PER_UNIT <= maxBytes) return;
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxBytes) return;
  const largest = findLargestPart(value);
  const path = formatPath(label, largest.path);
  throw new SerializationError(
    path,
    `${formatBytes(bytes)} of stored text is over the limit of ${formatBytes(maxBytes)}; largest part: ${path} ` +
      `(${formatBytes(largest.bytes)}). Keep large data elsewhere and store a reference to it, or raise the limit (maxPayloadBytes).`,
  );
}

// Follows the largest part inwards for as long as it makes up half of what holds it.
function findLargestPart(root: unknown): { readonly path: readonly PathSegment[]; readonly bytes: number } {
  const sizes = new Map<object, number>();
  const bytes = measure(root, sizes);
  const path: PathSegment[] = [];
  let current = { value: root, bytes };
  for (;;) {
    if (typeof current.value === 'object' && current.value !== null) sizes.set(current.value, 0); // a cycle ends here
    const parts = partsOf(current.value).map((part) => ({ ...part, bytes: measure(part.value, sizes) }));
    const largest = parts.reduce<(typeof parts)[number] | undefined>(
      (a, b) => (a && a.bytes >= b.bytes ? a : b),
      undefined,
    );
    if (!largest || largest.bytes * 2 < current.bytes) break;
    if (largest.segment !== undefined) path.push(largest.segment);
    current = largest;
  }
  return { path, bytes: current.bytes };
}

/** Roughly how many bytes a value takes as text. Each object is looked into once. */
function measure(value: unknown, sizes: Map<object, number>): number {
  if (typeof value === 'string') return Buffer.byteLength(value) + 2;
  if (typeof value !== 'object' || value === null) return String(value).length + 1;
  const known = sizes.get(value);
  if (known !== undefined) return known;
  sizes.set(value, 0);
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    sizes.set(value, Math.ceil(value.byteLength / 3) * 4);
  } else {
    let bytes = 2;
    for (const { segment, value: part } of partsOf(value)) {
      bytes += (typeof segment === 'string' ? Buffer.byteLength(segment) + 4 : 1) + measure(part, sizes);
    }
    sizes.set(value, bytes);
  }
  return sizes.get(value) ?? 0;
}

function partsOf(value: unknown): readonly Part[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  if (Array.isArray(value)) return value.map((part: unknown, index) => ({ segment: index, value: part }));
  if (value instanceof Set)
    return [...value].map((part: unknown, index) => ({ segment: setMemberSegment(index), value: part }));
  if (value instanceof Map) {
    return [...value].flatMap(([key, part]: [unknown, unknown], index) => [
      { segment: mapKeySegment(index), value: key },
      { segment: mapValueSegment(key), value: part },
    ]);
  }
  if (value instanceof Tagged) return taggedPartsOf(value);
  return Object.entries(value).map(([segment, part]) => ({ segment, value: part }));
}

// The path is that of the user's value, so what only a tag has is passed over.
function taggedPartsOf({ tag, payload }: Tagged): readonly Part[] {
  if (tag === 'Buffer') return [{ value: payload['base64'] }];
  if (tag === 'Class') return [{ value: payload['data'] }];
  const { type: _, fields, ...named } = payload;
  return [{ value: fields }, ...Object.entries(named).map(([segment, value]) => ({ segment, value }))];
}

function formatBytes(bytes: number): string {
  if (bytes < KIB) return `${bytes} bytes`;
  return bytes < KIB * KIB ? `${(bytes / KIB).toFixed(1)} KiB` : `${(bytes / KIB / KIB).toFixed(1)} MiB`;
}
