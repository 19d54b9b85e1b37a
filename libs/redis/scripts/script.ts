import { createHash } from 'node:crypto';
import { SHARED } from './shared.js';

/** An operation that the server carries out whole, with nothing in between. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

/**
 * A script gets the prefix of the keys as `KEYS[1]`, what it is told as JSON in `ARGV[1]`, and texts of any content
 * from `ARGV[2]` on. Redis undoes nothing when a script fails in the middle, so each finds out first what speaks
 * against it, and then writes.
 */
export function script(body: string): Script {
  const lua = SHARED + body;
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}
