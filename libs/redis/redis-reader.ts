import type { ScriptCall } from './redis-connection.js';

/** Asks Redis what changes nothing, and may be asked again. */
export interface RedisReader {
  /** @param key one of the store, or its kind and what it belongs to */
  read(command: string, key: string | readonly [string, string], ...parameters: (string | number)[]): Promise<unknown>;
  run(call: ScriptCall): Promise<unknown>;
}
