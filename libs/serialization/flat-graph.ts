import { MAX_DEPTH, MAX_SPARSE_LENGTH } from './limits.js';

// How devalue writes a value: an array of nodes that refer to each other by index, the value first. A negative
// number stands for undefined, a hole, NAN and the like; this one, first in an array, for "with many holes".
const SPARSE = -7;

// Leaves may take a few levels more than the writer counted.
const DEPTH_LIMIT = MAX_DEPTH + 10;

/**
 * Checks what devalue leaves open in a graph that it is about to read: how deep it is nested, and how long
 * its arrays with holes claim to be. Linear in the size of the text, and not recursive.
 *
 * @throws Error if a limit is exceeded.
 */
export function assertBounded(nodes: readonly unknown[]): void {
  const isVisited = new Uint8Array(nodes.length);
  const indexes = [0];
  const depths = [0];
  for (let index = indexes.pop(); index !== undefined; index = indexes.pop()) {
    const depth = depths.pop() ?? 0;
    if (isVisited[index]) continue;
    isVisited[index] = 1;
    if (depth > DEPTH_LIMIT) throw new Error(`it is nested more than ${MAX_DEPTH} levels deep`);
    const references = referencesOf(nodes[index]);
    // Last first, so that nodes come off the stack in the order in which devalue will read them.
    for (let at = references.length - 1; at >= 0; at--) {
      const reference = references[at];
      if (typeof reference !== 'number' || !Number.isInteger(reference) || reference < 0 || isVisited[reference])
        continue;
      indexes.push(reference);
      depths.push(depth + 1);
    }
  }
}

function referencesOf(node: unknown): readonly unknown[] {
  if (typeof node !== 'object' || node === null) return [];
  if (!Array.isArray(node)) return Object.values(node);
  if (node[0] === SPARSE) return sparseReferencesOf(node);
  switch (node[0]) {
    case 'Set':
    case 'Map':
    case 'null':
      return node; // names among the references are skipped
    default:
      return typeof node[0] === 'string' ? [node[1]] : node;
  }
}

function sparseReferencesOf(node: readonly unknown[]): readonly unknown[] {
  const [, length] = node;
  if (typeof length !== 'number' || length > MAX_SPARSE_LENGTH) {
    throw new Error(`it has an array with holes of more than ${MAX_SPARSE_LENGTH} elements`);
  }
  return node.filter((_, at) => at >= 2 && at % 2 === 1);
}
