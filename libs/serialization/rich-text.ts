import { stringify, unflatten } from 'devalue';
import type { ClassRegistry } from './class-registry.js';
import { assertBounded } from './flat-graph.js';
import { createRevivers } from './revive.js';
import { type Tag, Tagged } from './tagged.js';

/** Begins every text that is not JSON. No JSON text begins so, hence no data can be mistaken for it. */
const RICH_PREFIX = 'dv1:';

/** What a missing value is stored as. Workflows and steps without a result are common, so it is written once. */
export const UNDEFINED_TEXT = `${RICH_PREFIX}${stringify(undefined)}`;

const REDUCERS: Record<Tag, (value: unknown) => unknown> = {
  Buffer: payloadOf('Buffer'),
  Class: payloadOf('Class'),
  Error: payloadOf('Error'),
};

/** Writes a snapshot that JSON alone cannot give back. */
export function writeRichText(snapshot: unknown): string {
  return RICH_PREFIX + stringify(snapshot, REDUCERS);
}

export function isRichText(text: string): boolean {
  return text.startsWith(RICH_PREFIX);
}

/**
 * Reads what `writeRichText` wrote.
 *
 * @throws Error if the text is malformed, too deep, or names a class that is not registered.
 */
export function readRichText(text: string, registry: ClassRegistry): unknown {
  const graph: unknown = JSON.parse(text.slice(RICH_PREFIX.length));
  if (typeof graph === 'number') return unflatten(graph);
  if (!Array.isArray(graph)) throw new Error('it is not a graph of values');
  assertBounded(graph);
  return unflatten(graph, createRevivers(registry), { operations: { box: refuseBox } });
}

function payloadOf(tag: Tag): (value: unknown) => unknown {
  return (value) => value instanceof Tagged && value.tag === tag && value.payload;
}

function refuseBox(): never {
  throw new Error('it has a boxed primitive');
}
