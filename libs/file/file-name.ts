import { createHash } from 'node:crypto';

/** File systems take 255 bytes, and a copy of a file wants some room for a longer name. */
const LONGEST = 160;
/** Names that Windows gives to devices, whatever follows the first dot. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)$/;

/**
 * The name of the file of a run: the run's id where that is made of `a-z 0-9 - _`, as generated ones are.
 *
 * Everything else is escaped, so that no id leads out of its directory, and ids that differ in case or in a form of
 * Unicode have files of their own wherever file systems take them for the same.
 */
export function fileName(runId: string): string {
  const escaped = runId.replaceAll(/[^a-z0-9_-]/g, escape);
  const name = escaped === '' || DEVICE.test(escaped) ? `%${escaped}` : escaped;
  return `${name.length > LONGEST ? `${name.slice(0, LONGEST)}~${digest(runId)}` : name}.jsonl`;
}

/** By UTF-16 unit, so that halves of surrogate pairs stay apart. */
function escape(unit: string): string {
  const code = unit.charCodeAt(0);
  return code < 0x80 ? `%${hex(code, 2)}` : `%u${hex(code, 4)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

function digest(runId: string): string {
  return createHash('sha256').update(Buffer.from(runId, 'utf16le')).digest('hex').slice(0, 40);
}
