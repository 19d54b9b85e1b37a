import type { EngineLogger } from './logger.js';

/** What has been reported; each is reported once, and no more than so many. */
const reported = new Set<string>();
const MOST_REPORTED = 1_000;

/** Warns of something in workflow code that is better done otherwise; of the same thing once in a process. */
export function reportOnce(logger: EngineLogger, key: string, fields: object, message: () => string): void {
  if (reported.has(key) || reported.size >= MOST_REPORTED) return;
  reported.add(key);
  logger.warn(message(), fields);
}
